// Reads a file with DuckDB and prints what it holds as JSON, numbers as text:
//   node duckdb.mjs configurations|table|csv FILE
import { DuckDBInstance } from '@duckdb/node-api'

const [kind, path] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
const query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson()
const file = `'${path.replaceAll("'", "''")}'`

const result = {}
if (kind === 'configurations') {
  // BIT is as long as the blob, so its set bits are the spins that are up.
  const [sums] = await query(`
    SELECT count(*)::VARCHAR AS rows, sum(bit_count(spins::BIT))::VARCHAR AS spins,
           sum(chain)::VARCHAR AS chain, sum(step)::VARCHAR AS step,
           sum(energy)::VARCHAR AS energy, sum(magnetization)::VARCHAR AS magnetization
    FROM read_parquet(${file})`)
  result.sums = sums
  result.types = Object.fromEntries((await query(`DESCRIBE FROM read_parquet(${file})`)).map((c) => [c.column_name, c.column_type]))
} else {
  const source = kind === 'csv' ? `read_csv(${file})` : `read_parquet(${file})`
  result.rows = await query(`SELECT COLUMNS(*)::VARCHAR FROM ${source}`)
}
if (kind !== 'csv') {
  const pairs = await query(`SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${file})`)
  result.metadata = pairs.map((p) => [p.key, p.value])
}
console.log(JSON.stringify(result))
