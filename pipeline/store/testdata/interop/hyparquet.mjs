// Reads a Parquet file with hyparquet and prints what it holds as JSON, numbers
// as text:
//   node hyparquet.mjs configurations|table FILE
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const [kind, path] = process.argv.slice(2)
const file = await asyncBufferFromFile(path)
const metadata = await parquetMetadataAsync(file)
// A blob without a logical type is bytes, not text.
const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false })

const popcount = (byte) => { let n = 0; for (; byte; byte &= byte - 1) n++; return n }
const text = (value) => (value === null || value === undefined ? null : Object.is(value, -0) ? '-0' : String(value))

const result = { metadata: metadata.key_value_metadata.map((p) => [p.key, p.value]) }
if (kind === 'configurations') {
  const sums = { rows: BigInt(rows.length), spins: 0n, chain: 0n, step: 0n, energy: 0, magnetization: 0n }
  for (const row of rows) {
    sums.spins += BigInt(row.spins.reduce((n, byte) => n + popcount(byte), 0))
    sums.chain += BigInt(row.chain)
    sums.step += BigInt(row.step)
    sums.energy += row.energy
    sums.magnetization += BigInt(row.magnetization)
  }
  result.sums = Object.fromEntries(Object.entries(sums).map(([k, v]) => [k, text(v)]))
} else {
  result.rows = rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, text(v)])))
}
console.log(JSON.stringify(result))
