import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SortField } from '@/lib/iceberg/partitioning/sort-order'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable, type LandingTableOptions } from '@/testing/ingest/landing-table'
import { installEngines } from '@/testing/ingest/values/engines'
import { createRows, sortById, toCsv, toReadRows, VALUE_CASES, valueColumns } from '@/testing/ingest/values/value-cases'
import { type EngineGaps, orRefusal, type ValueReader } from '@/testing/ingest/values/value-reader'

/** Other engines read the values of loads as they were in the input: of every type, codec, transform and sort order. */

const engines = await installEngines()
const home = createTestHome()

const UUIDS = ['f79c3e09-677c-4bbd-a479-3f349cb785e7', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
const BEFORE_1970 = '1969-12-31 23:59:59.999999'
/** Each is the engine's own: the specification says otherwise, and the others read and find the same files. */
const GAPS: Readonly<Record<string, EngineGaps>> = {
  PyIceberg: {
    filters: {
      // It compares a UUID with the bytes of a filter.
      u: UUIDS,
      // It takes infinity for a value beyond the range of float.
      f: ['inf'],
      // It reads a double of a manifest as a float.
      d: ['0.1', '5e-324'],
    },
  },
  Spark: {
    types: { time: /Spark does not support time fields/ },
    codecs: { brotli: /ClassNotFoundException: .*BrotliCodec/ },
  },
  Trino: {
    codecs: { lz4: /Could not decompress page/, brotli: /Could not decompress page/ },
    // It reads the values of a partition through JSON.
    values: { f: { '-0.0': '0', inf: '0' }, d: { '-0.0': '0', '-inf': '0' } },
  },
  DuckDB: {
    filters: {
      // The bounds of a manifest leave out NaN.
      f: ['nan'],
      d: ['nan'],
      // It truncates neither negative decimals nor those of more than 64 bits as the specification says.
      'truncate(50, n)': /INTERNAL Error: Information loss on integer cast/,
      'truncate(50, w)': ['1234567890123456789012345678.0123456789'],
      // It rounds the month and the day of a time before 1970 up.
      'month(ts)': [BEFORE_1970],
      'day(ts)': [BEFORE_1970],
      'month(tz)': [`${BEFORE_1970}+00:00`],
      'day(tz)': [`${BEFORE_1970}+00:00`],
      // It has another hash of a UUID.
      'bucket(7, u)': UUIDS,
    },
  },
}

const NAMES = Object.keys(VALUE_CASES)
const CODECS = ['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli']
const PARTITIONED = NAMES.flatMap((name) =>
  (VALUE_CASES[name]?.transforms ?? []).map((transform) => ({ name, transform })),
)

let listener: RestListener
let access: { uri: string; token: string }
beforeAll(async () => {
  listener = await startRestListener(home.services)
  access = { uri: listener.uri, token: await createRestTokenAs(home.services, 'admin') }
})
afterAll(() => listener?.stop())

/** The same table for every engine. */
const tables = new Map<string, Promise<LandingTable>>()
function findTable(names: readonly string[], hasEdges: boolean, options: Partial<LandingTableOptions>) {
  const key = JSON.stringify([names, hasEdges, options])
  const table = tables.get(key) ?? createTable(names, hasEdges, options)
  tables.set(key, table)
  return table
}
async function createTable(names: readonly string[], hasEdges: boolean, options: Partial<LandingTableOptions>) {
  const table = await LandingTable.create(home.services, { fields: valueColumns(names), ...options })
  await table.landed(toCsv(names, createRows(names, hasEdges)), 'append')
  return table
}

for (const { name: engine, isHere, open } of engines)
  describe.skipIf(!isHere)(`Values of loads in ${engine} (skipped when it is unavailable)`, () => {
    const { types = {}, codecs = {}, values = {}, filters = {} } = GAPS[engine] ?? {}
    let reader: ValueReader
    beforeAll(async () => {
      reader = await open(access)
    })
    afterAll(() => reader?.stop())

    const read = ({ identifier }: LandingTable, names: readonly string[]) =>
      reader.read(identifier, valueColumns(names)).then(sortById)
    const readable = NAMES.filter((name) => !((VALUE_CASES[name]?.type ?? '') in types))

    test.each(CODECS)('are the same, compressed by %s', async (codec) => {
      const table = await findTable(readable, true, { properties: { 'write.parquet.compression-codec': codec } })
      const refusal = codecs[codec]
      expect(await orRefusal(read(table, readable), refusal)).toEqual(
        refusal ?? toReadRows(readable, createRows(readable, true)),
      )
    })

    test.each(PARTITIONED)('are the same, and found, in partitions by $transform', async ({ name, transform }) => {
      const table = await findTable([name], false, { partitionBy: transform })
      const { type = 'string', texts = [] } = VALUE_CASES[name] ?? {}
      const refusal = types[type]
      const rows = createRows([name], false)
      const readAs = values[transform] ?? {}
      const expected = rows.map(([id = null, value = null]) => [id, value === null ? null : (readAs[value] ?? value)])
      expect(await orRefusal(read(table, [name]), refusal)).toEqual(refusal ?? toReadRows([name], expected))
      if (refusal) return
      const searched = texts.filter((text) => text !== null)
      const notFound = filters[transform] ?? []
      const counts = searched.map((text) =>
        notFound instanceof RegExp || notFound.includes(text) ? 0 : rows.filter(([, value]) => value === text).length,
      )
      const column = valueColumns([name])[1]
      if (!column) throw new Error('the table has no such column')
      const failure = notFound instanceof RegExp ? notFound : undefined
      expect(await orRefusal(reader.count(table.identifier, column, searched), failure)).toEqual(failure ?? counts)
    })

    test.each([
      ['asc', 'nulls-first', 'identity'],
      ['asc', 'nulls-last', 'identity'],
      ['desc', 'nulls-first', 'identity'],
      ['desc', 'nulls-last', 'truncate[1]'],
    ] as const)('are in the order that the file names: %s, %s, %s', async (direction, nullOrder, transform) => {
      const field: SortField = { sourceId: 2, transform, direction, nullOrder }
      const table = await findTable(['s'], false, { sortOrder: { orderId: 1, fields: [field] } })
      expect((await table.dataFiles()).map(({ dataFile }) => dataFile.sortOrderId)).toEqual([1])
      const key = (text: string | null) => (transform === 'identity' ? text : (Array.from(text ?? '')[0] ?? text))
      const sign = direction === 'asc' ? 1 : -1
      const expected = createRows(['s'], false).toSorted(([, a = null], [, b = null]) => {
        if (a === null || b === null)
          return (Number(a === null) - Number(b === null)) * (nullOrder === 'nulls-last' ? 1 : -1)
        return Buffer.compare(Buffer.from(key(a) ?? ''), Buffer.from(key(b) ?? '')) * sign
      })
      const rows = await reader.read(table.identifier, valueColumns(['s']))
      expect(rows.map(([, text]) => text)).toEqual(expected.map(([, text]) => text))
    })
  })
