// Writes the text FILE of lines of 0 and 1 as list columns of Parquet with DuckDB,
// compressed and in small row groups:
//   node lists.mjs FILE BOOLEANS INT8 FLOATS ARRAYS SITES
import { DuckDBInstance } from '@duckdb/node-api'

const [text, booleans, int8, floats, arrays, sites] = process.argv.slice(2)
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const rows = `SELECT string_split(line, ' ')::TINYINT[] AS bits FROM read_csv('${text}', columns = {line: 'VARCHAR'}, header = false, delim = '|')`
const write = (values, path, options) => connection.run(`COPY (SELECT 1.5 AS weight, ${values} AS sigma FROM (${rows})) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048, ${options})`)
await write('bits::BOOLEAN[]', booleans, 'COMPRESSION snappy')
await write('list_transform(bits, lambda b: (2 * b - 1)::TINYINT)', int8, 'COMPRESSION zstd')
await write('bits::FLOAT[]', floats, 'COMPRESSION gzip')
await write(`bits::TINYINT[${sites}]`, arrays, 'COMPRESSION uncompressed')
