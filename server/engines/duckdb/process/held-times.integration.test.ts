import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { Engine } from '@/lib/query/duckdb/engine'
import { createDecodeHandler } from '@/lib/query/load/decode-requests'
import { type FindFile, STANDALONE_FILE } from '@/lib/query/load/file-scan'
import { createLocalDecoder } from '@/lib/query/load/local-decoder'
import type { RowValue } from '@/lib/scan/read/row-value'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { createTestSession } from '@/testing/duckdb/test-session'
import { findFixture } from '@/testing/find-fixture'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { startNativeEngine } from './native-engine'

/** Dates and times at the ends of their types, in the engine of the browser and in that of the server. */

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-held-times-'))
afterAll(() => rmSync(tempDir, { recursive: true }))

const ENGINES: readonly (readonly [string, () => Promise<Engine>])[] = [
  ['the browser', async () => nodeEngine(await resetNodeDuckdb())],
  ['the server', () => startNativeEngine({ threads: 1, memoryMiB: 256, tempMiB: 16, tempDir })],
]

const LAST_INT64 = 2n ** 63n - 1n
const LAST_INT32 = 2 ** 31 - 1
/** The least and the greatest values that DuckDB holds, and the nearest ones that it does not. */
const RANGES: readonly {
  type: PrimitiveType
  held: readonly RowValue[]
  unheld: readonly (readonly [RowValue, string, 'infinity' | 'none'])[]
}[] = [
  {
    type: 'date',
    held: [1 - LAST_INT32, 0, LAST_INT32 - 1],
    unheld: [
      [LAST_INT32, '+5881580-07-11', 'infinity'],
      [-LAST_INT32, '-5877641-06-24', 'infinity'],
      [-LAST_INT32 - 1, '-5877641-06-23', 'none'],
    ],
  },
  {
    type: 'timestamp',
    held: [-9_223_372_022_400_000_000n, 0n, LAST_INT64 - 1n],
    unheld: [
      [LAST_INT64, '+294247-01-10T04:00:54.775807', 'infinity'],
      [-LAST_INT64, '-290308-12-21T19:59:05.224193', 'infinity'],
      [-LAST_INT64 - 1n, '-290308-12-21T19:59:05.224192', 'none'],
      [-9_223_372_022_400_000_001n, '-290308-12-21T23:59:59.999999', 'none'],
    ],
  },
  {
    type: 'timestamptz',
    held: [-9_223_372_022_400_000_000n, 0n, LAST_INT64 - 1n],
    unheld: [
      [LAST_INT64, '+294247-01-10T04:00:54.775807+00:00', 'infinity'],
      [-LAST_INT64, '-290308-12-21T19:59:05.224193+00:00', 'infinity'],
      [-LAST_INT64 - 1n, '-290308-12-21T19:59:05.224192+00:00', 'none'],
    ],
  },
  {
    type: 'timestamp_ns',
    held: [-9_223_286_400_000_000_000n, 0n, LAST_INT64 - 1n],
    unheld: [
      [LAST_INT64, '2262-04-11T23:47:16.854775807', 'infinity'],
      [-LAST_INT64, '1677-09-21T00:12:43.145224193', 'infinity'],
      [-LAST_INT64 - 1n, '1677-09-21T00:12:43.145224192', 'none'],
      [-9_223_286_400_000_000_001n, '1677-09-21T23:59:59.999999999', 'none'],
    ],
  },
  {
    type: 'time',
    held: [0n, 86_399_999_999n, 86_400_000_000n],
    unheld: [
      [86_400_000_001n, '24:00:00.000001', 'none'],
      [LAST_INT64, '2562047788:00:54.775807', 'none'],
    ],
  },
]

const field = (id: number, name: string, type: Type): NestedField => ({ id, name, type, required: false })

async function runOver(startEngine: () => Promise<Engine>, bytes: Uint8Array, sql: string) {
  const engine = await startEngine()
  const findFile: FindFile = async () => {
    const blob = new Blob([Uint8Array.from(bytes)])
    return { key: 'f', file: { ...STANDALONE_FILE, url: 'f', name: 'f.parquet', byteLength: blob.size, blob } }
  }
  const refuse = () => Promise.reject(new AppError('not-found', 'There is no such table.'))
  const openRemote = () => {
    throw new Error('the file is in memory')
  }
  const session = createTestSession({
    startEngine: async () => engine,
    decoder: createLocalDecoder(createDecodeHandler(pageCodecs, openRemote)),
    planTable: refuse,
    readView: refuse,
    findFile,
  })
  try {
    const result = await session.run(
      {
        sql: sql.replaceAll('FILE', "read_parquet('dropped:f.parquet')"),
        cursor: 0,
        connection: 'local',
        connections: ['local'],
        maxRows: 1000,
      },
      { signal: new AbortController().signal, onProgress: () => undefined, confirm: async () => true },
    )
    return result.batches.flatMap((batch) =>
      Array.from({ length: batch.rowCount }, (_, row) => result.columns.map((_column, i) => batch.value(row, i))),
    )
  } finally {
    engine.end()
  }
}

describe.each(ENGINES)('A query in %s', (_where, startEngine) => {
  it.each(RANGES)('reads every value that it holds exactly: $type', async ({ type, held }) => {
    const bytes = encodeColumns([{ field: field(1, 'x', type), values: [...held, null] }])
    const isInfinite = type === 'time' ? 'false' : 'isinf(x)'
    const rows = await runOver(startEngine, bytes, `select x, x::varchar is null, ${isInfinite} from FILE`)
    expect(rows).toEqual([...held.map((value) => [value, false, false]), [null, true, type === 'time' ? false : null]])
  })

  it.each(RANGES)('names a value that it does not hold: $type', async ({ type, unheld }) => {
    for (const [value, text, taken] of unheld) {
      const bytes = encodeColumns([
        { field: field(1, 'id', 'int'), values: [1, 2] },
        { field: field(2, 'x', type), values: [value, null] },
      ])
      const reason =
        taken === 'infinity' ? 'which DuckDB would take for infinity' : `which no ${type} of DuckDB can hold`
      for (const sql of [
        'select * from FILE',
        'select max(x) from FILE',
        'select id from FILE where x is null or id > 0',
      ])
        await expect(runOver(startEngine, bytes, sql), `${sql}, ${text}`).rejects.toMatchObject({
          code: 'not-supported',
          message: `Column x has the value ${text}, ${reason}.`,
          facts: { column: 'x' },
        })
      expect(await runOver(startEngine, bytes, 'select id from FILE')).toEqual([[1], [2]])
      // The other way to `count(x)`, which reads the column.
      expect(await runOver(startEngine, bytes, 'select count(*) from FILE where x is null')).toEqual([[1n]])
    }
  })

  it('reads the other rows where a condition leaves such values out', async () => {
    const bytes = encodeColumns([
      { field: field(1, 'id', 'int'), values: [1, 2, 3] },
      { field: field(2, 'x', 'timestamp_ns'), values: [LAST_INT64, 5n, null] },
    ])
    expect(await runOver(startEngine, bytes, "select id, x from FILE where x < '2262-01-01'")).toEqual([[2, 5n]])
  })

  it('finds such values within lists, structs and maps', async () => {
    const list: Type = { type: 'list', elementId: 2, element: 'timestamp', elementRequired: false }
    const struct: Type = { type: 'struct', fields: [field(3, 'days', { ...list, elementId: 4, element: 'date' })] }
    const map: Type = { type: 'map', keyId: 5, key: 'string', valueId: 6, value: 'timestamp_ns', valueRequired: false }
    for (const [type, value, column] of [
      [list, [0n, LAST_INT64], 'x.element'],
      [struct, [[0, -LAST_INT32]], 'x.days.element'],
      [map, [['k', -LAST_INT64]], 'x.value'],
    ] as const)
      await expect(
        runOver(
          startEngine,
          encodeColumns([{ field: field(1, 'x', type), values: [null, value] }]),
          'select x from FILE',
        ),
      ).rejects.toMatchObject({ code: 'not-supported', facts: { column } })
  })

  it('still returns infinite times that the statement itself computes', async () => {
    const bytes = encodeColumns([{ field: field(1, 'x', 'date'), values: [1] }])
    const rows = await runOver(startEngine, bytes, "select 'infinity'::timestamp, '-infinity'::date, x from FILE")
    expect(rows).toEqual([['infinity', '-infinity', 1]])
  })

  const fixture = findFixture('reports/greatest-timestamps.parquet')
  it.skipIf(fixture === null)('reads no infinity from a file of another program (skipped without it)', async () => {
    const bytes = readFileSync(fixture ?? '')
    for (const column of ['ts', 'tz', 'd', 'ns'])
      await expect(runOver(startEngine, bytes, `select ${column} from FILE`)).rejects.toMatchObject({
        code: 'not-supported',
        facts: { column },
      })
    const rows = await runOver(startEngine, bytes, 'select id, nz from FILE order by id limit 2')
    expect(rows).toEqual([
      [0, '2262-04-11T23:47:16.854775807+00:00'],
      [1, '2262-04-11T23:47:16.854775806+00:00'],
    ])
  })
})
