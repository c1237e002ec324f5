import { beforeAll, expect, test } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { Table, tableToIPC } from 'apache-arrow'
import { toArrowBatch } from '@/lib/scan/read/to-arrow'
import type { BytesVector, Vector } from '@/lib/scan/read/vector'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { type NodeDuckdb, resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'

const FIELD: NestedField = {
  id: 1,
  name: 'tags',
  required: false,
  type: { type: 'list', elementId: 2, elementRequired: false, element: 'string' },
}
const ENTRIES: NestedField = {
  id: 3,
  name: 'entries',
  required: false,
  type: { type: 'map', keyId: 4, key: 'string', valueId: 5, valueRequired: false, value: FIELD.type },
}

/** Texts of one letter. */
function dictionaryOf(letters: string): BytesVector {
  const offsets = Int32Array.from({ length: letters.length + 1 }, (_, i) => i)
  return { kind: 'bytes', length: letters.length, validity: null, offsets, bytes: new TextEncoder().encode(letters) }
}

const texts = (indexes: readonly number[]): Vector => ({
  kind: 'dictionary',
  length: indexes.length,
  validity: null,
  indexes: Int32Array.from(indexes),
  dictionary: dictionaryOf('ab'),
})

/** Lists of texts with a dictionary: as many as there are counts. */
function lists(counts: readonly number[]): Vector {
  const offsets = Int32Array.from([0, ...counts])
  for (let i = 1; i < offsets.length; i++) offsets[i] = (offsets[i] ?? 0) + (offsets[i - 1] ?? 0)
  const elementCount = offsets[counts.length] ?? 0
  return {
    kind: 'list',
    length: counts.length,
    validity: null,
    offsets,
    element: texts(Array.from({ length: elementCount }, (_, i) => i % 2)),
  }
}

let duckdb: NodeDuckdb
let engine: ReturnType<typeof nodeEngine>
beforeAll(async () => {
  duckdb = await resetNodeDuckdb()
  engine = nodeEngine(duckdb)
})

// DuckDB reads 2,048 rows at once.
test.each([
  ['in no row', [0, 0, 0]],
  ['in late rows', [...new Array<number>(3000).fill(0), 2, 1]],
])('Lists whose texts have a dictionary are inserted, with elements %s', async (_where, counts) => {
  duckdb.run('create or replace table held.t (tags varchar[], entries map(varchar, varchar[]))')
  const entries: Vector = {
    kind: 'map',
    length: counts.length,
    validity: null,
    offsets: new Int32Array(counts.length + 1),
    key: texts([]),
    value: lists([]),
  }
  await engine.insert(
    't',
    tableToIPC(new Table(toArrowBatch([FIELD, ENTRIES], [lists(counts), entries], counts.length)), 'stream'),
  )
  const table = await engine.query('select tags::varchar as tags, entries::varchar as e from held.t where tags <> []')
  expect(table.toArray().map((row) => [row?.['tags'], row?.['e']])).toEqual(
    counts.length === 3
      ? []
      : [
          ['[a, b]', '{}'],
          ['[a]', '{}'],
        ],
  )
})
