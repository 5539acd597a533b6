// Reads an Arrow file with apache-arrow and prints what it holds as JSON, numbers
// as text; of the spins their sum, and the first and the last row:
//   node arrow.mjs configurations FILE
import { readFileSync } from 'node:fs'
import { CompressionType, compressionRegistry, tableFromIPC } from 'apache-arrow'
import { decompress } from 'fzstd'

const [, path] = process.argv.slice(2)
// A copy, as 64-bit numbers must begin at a multiple of 8.
compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompress(bytes).slice() })
const table = tableFromIPC(readFileSync(path))

const popcount = (byte) => { let n = 0; for (; byte; byte &= byte - 1) n++; return n }
const column = (name) => table.getChild(name)
const sum = (name, zero) => { let s = zero; for (const x of column(name)) s += x; return s }
const row = (i) => Array.from(column('spins').get(i), (up) => (up ? 1 : 0)).join('')

const sums = { rows: table.numRows, chain: sum('chain', 0), step: sum('step', 0n), energy: sum('energy', 0), magnetization: sum('magnetization', 0), spins: 0 }
for (const data of column('spins').data) { // the packed bits, as they lie in the file
  const bits = data.children[0]
  for (let byte = 0; 8 * byte < bits.length; byte++) {
    const left = Math.min(8, bits.length - 8 * byte)
    sums.spins += popcount(bits.values[byte] & (0xff >> (8 - left)))
  }
}
const last = table.numRows - 1
console.log(JSON.stringify({
  sums: Object.fromEntries(Object.entries(sums).map(([k, v]) => [k, String(v)])),
  types: Object.fromEntries(table.schema.fields.map((f) => [f.name, String(f.type)])),
  rows: last < 0 ? [] : [{ spins: row(0) }, { spins: row(last) }],
  metadata: [...table.schema.metadata],
}))
