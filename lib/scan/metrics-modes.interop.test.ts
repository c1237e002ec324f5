import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { findRows } from '@/testing/iceberg/find-rows'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { parsePredicateText } from './predicate/predicate-text'

const python = installPyiceberg()
const codecs: AvroCodecs = {
  deflate: (bytes) => bytes,
  decompress: (_codec, bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
}

/** Four files of five rows each, whose texts begin alike, with nulls, NaN, zeros of both signs and the ends of types. */
const WRITE = `
import json, sys
import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
folder, mode = sys.argv[1:]
catalog = SqlCatalog('c', uri=f'sqlite:///{folder}/{mode}.db', warehouse=f'file://{folder}/{mode}')
catalog.create_namespace('n')
schema = pa.schema([('id', pa.int64()), ('s', pa.string()), ('b', pa.binary()), ('d', pa.float64()), ('m', pa.decimal128(20, 2)), ('ts', pa.timestamp('us'))])
table = catalog.create_table('n.t', schema=schema, properties={'write.metadata.metrics.default': mode.replace('-', '(') + (')' if '-' in mode else '')})
from decimal import Decimal
from datetime import datetime
words = ['aaa', 'aab', 'a\\U0001f986x', 'a\\U0001f986y', '\\uffff', '\\U0010ffffz', '', None, 'b', 'bä']
for f in range(4):
    rows = []
    for i in range(5):
        n = 5 * f + i
        w = words[(3 * f + i) % len(words)]
        rows.append({
            'id': None if n == 7 else (n - 10) * 2**55,
            's': w,
            'b': None if w is None else w.encode()[:3] + (b'\\xff' if i % 2 else b''),
            'd': [0.0, -0.0, float('nan'), None, float('inf')][i] if f % 2 else n - 10.5,
            'm': Decimal(n - 10) / 4,
            'ts': datetime(1969 + f, 12, 31, 23, 59, 59, 999999 if i else 0),
        })
    table.append(pa.Table.from_pylist(rows, schema=schema))
table.delete('id = -${2n ** 55n * 2n}')
print(json.dumps({'location': table.metadata_location, 'ids': [r['id'] for r in table.scan().to_arrow().to_pylist()]}))
`

/** Each with the same condition in PyIceberg's language. */
const FILTERS: readonly (readonly [string, string])[] = [
  ['s = "a🦆x"', "s = 'a\u{1f986}x'"],
  ['s > "aab"', "s > 'aab'"],
  ['s <= "a"', "s <= 'a'"],
  ['s starts with "a🦆"', "s like 'a\u{1f986}%'"],
  ['s = ""', "s = ''"],
  ['s is null', 's is null'],
  ['d = 0', 'd = 0'],
  ['d is nan', 'd is nan'],
  ['d > 8', 'd > 8'],
  ['m < -1.5', 'm < -1.50'],
  ['m in (2, 2.25)', 'm in (2.00, 2.25)'],
  ['id >= 36028797018963968', 'id >= 36028797018963968'],
  ['ts < "1970-12-31T23:59:59.999999"', "ts < '1970-12-31T23:59:59.999999'"],
]
const READ = `
import json, sys
from pyiceberg.table import StaticTable
location, filters = sys.argv[1], json.loads(sys.argv[2])
table = StaticTable.from_metadata(location)
print(json.dumps([sorted(str(r['m']) for r in table.scan(row_filter=f, selected_fields=('m',)).to_arrow().to_pylist()) for f in filters]))
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-metrics-modes-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function runPython(program: string, ...args: string[]): unknown {
  return JSON.parse(execFileSync(python ?? '', ['-W', 'ignore', '-c', program, ...args], { encoding: 'utf8' }))
}

describe.skipIf(python === null)('Tables of PyIceberg (skipped without it)', () => {
  it.each(['none', 'counts', 'truncate-1', 'truncate-2', 'full'])(
    'with metrics %s have the rows that PyIceberg finds, for every filter',
    async (mode) => {
      const { location } = runPython(WRITE, folder, mode) as { location: string }
      const metadata = readTableMetadata(readFileSync(fileURLToPath(location), 'utf8'))
      const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId) ?? null
      const read = (file: string) => new Uint8Array(readFileSync(fileURLToPath(file)))
      const expected = runPython(READ, location, JSON.stringify(FILTERS.map(([, filter]) => filter)))
      const found: string[][] = []
      let skippedFiles = 0
      for (const [filter] of FILTERS) {
        const result = await findRows({ metadata, snapshot, codecs, read }, parsePredicateText(filter), [5])
        skippedFiles += result.skippedFiles
        found.push(result.rows.map(({ values: [cents] }) => toDecimalText(cents)).toSorted())
      }
      expect(found).toEqual(expected)
      expect(found.map((rows) => rows.length)).not.toContain(0)
      expect(skippedFiles > 0).toBe(mode !== 'none')
    },
  )
})

/** With two decimals. */
function toDecimalText(cents: unknown): string {
  if (typeof cents !== 'bigint') throw new Error('a decimal is not whole')
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
