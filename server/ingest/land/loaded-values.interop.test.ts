import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SortField } from '@/lib/iceberg/partitioning/sort-order'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg, openSpark } from '@/testing/peers/shared/open-peer'

/** Other engines read the values of loads as they were in the input: of every type, codec, transform and sort order. */

const pyiceberg = installPyiceberg()
const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const home = createTestHome()

/** As Python writes the values, which is how CSV may have them, too. */
const VALUES: Readonly<
  Record<string, { type: PrimitiveType; texts: readonly (string | null)[]; transforms: string[] }>
> = {
  b: { type: 'boolean', texts: ['true', null, 'false'], transforms: ['b'] },
  i: {
    type: 'int',
    texts: ['2147483647', '-2147483640', null, '-11'],
    transforms: ['i', 'bucket(7, i)', 'truncate(10, i)'],
  },
  l: {
    type: 'long',
    texts: ['9223372036854775807', '-9223372036854775800', '9007199254740993', null],
    transforms: ['l', 'bucket(7, l)', 'truncate(10, l)'],
  },
  f: { type: 'float', texts: ['1.5', '-0.0', 'nan', 'inf', null], transforms: [] },
  d: { type: 'double', texts: ['0.1', '-0.0', '5e-324', '-inf', null, 'nan'], transforms: [] },
  n: {
    type: 'decimal(9, 2)',
    texts: ['12.50', '-9999999.50', null, '-0.07'],
    transforms: ['n', 'bucket(7, n)', 'truncate(50, n)'],
  },
  w: {
    type: 'decimal(38, 10)',
    texts: ['1234567890123456789012345678.0123456789', '-12.3456789012', null],
    transforms: ['w', 'bucket(7, w)', 'truncate(50, w)'],
  },
  day: {
    type: 'date',
    texts: ['2024-02-29', '0001-01-01', '9999-12-31', '1969-12-31', null],
    transforms: ['day', 'year(day)', 'month(day)', 'day(day)', 'bucket(7, day)'],
  },
  at: { type: 'time', texts: ['23:59:59.999999', '00:00:00', null], transforms: ['at', 'bucket(7, at)'] },
  ts: {
    type: 'timestamp',
    texts: ['2024-02-29 12:34:56.123456', '1969-12-31 23:59:59.999999', null, '2024-12-31 00:00:00'],
    transforms: ['ts', 'year(ts)', 'month(ts)', 'day(ts)', 'hour(ts)', 'bucket(7, ts)'],
  },
  tz: {
    type: 'timestamptz',
    texts: ['2024-02-29 12:34:56.123456+00:00', '1969-12-31 23:59:59.999999+00:00', null],
    transforms: ['tz', 'year(tz)', 'month(tz)', 'day(tz)', 'hour(tz)', 'bucket(7, tz)'],
  },
  s: {
    type: 'string',
    texts: ['é', '😀😀b', 'a/b=c%', "it's", null],
    transforms: ['s', 'bucket(7, s)', 'truncate(2, s)'],
  },
  u: {
    type: 'uuid',
    texts: ['f79c3e09-677c-4bbd-a479-3f349cb785e7', 'ffffffff-ffff-ffff-ffff-ffffffffffff', null],
    transforms: ['u', 'bucket(7, u)'],
  },
  x: { type: 'binary', texts: ['00ff', '7f', null, '80'], transforms: ['x', 'bucket(7, x)', 'truncate(1, x)'] },
}
const NAMES = Object.keys(VALUES)
const ROW_COUNT = 6
/** Spark has no type for times of day. */
const NOT_IN_SPARK = new Set(['at'])
/** PyIceberg 0.12 compares the UUID of a partition with the bytes of a filter, which are never equal. */
const NOT_FOUND_IN_PYICEBERG = new Set(['u'])

const column = (id: number, name: string): NestedField => ({
  id,
  name,
  required: false,
  type: name === 'id' ? 'int' : (VALUES[name]?.type ?? 'string'),
})
const valueOf = (name: string, row: number) => {
  const texts = VALUES[name]?.texts ?? []
  return texts[row % texts.length] ?? null
}

/** Rows with the values of these columns in turn. */
function createRows(names: readonly string[]): (string | null)[][] {
  return Array.from({ length: ROW_COUNT }, (_, row) => [String(row), ...names.map((name) => valueOf(name, row))])
}

function toCsv(names: readonly string[]): string {
  const lines = createRows(names).map((row) => row.map((text) => (text === null ? '' : `"${text}"`)).join(','))
  return `${['id', ...names].join(',')}\n${lines.join('\n')}\n`
}

describe.skipIf(pyiceberg === null || spark === null || jar === null)(
  'Values of loads in other engines (skipped when PyIceberg or Spark is unavailable)',
  () => {
    let listener: RestListener
    let sessions: { pyiceberg: PythonSession; spark: PythonSession }

    beforeAll(async () => {
      listener = await startRestListener(home.services)
      const token = await createRestTokenAs(home.services, 'admin')
      const settings = { uri: listener.uri, token, warehouse: 'local' }
      sessions = { pyiceberg: openPyiceberg(settings), spark: openSpark(settings) }
      await sessions.pyiceberg.request({
        code: `
import uuid
def text(name, v):
    if v is None: return None
    if isinstance(v, bytes): return str(uuid.UUID(bytes=v)) if name == 'u' else v.hex()
    return str(v).lower() if isinstance(v, bool) else str(v)
def read(table, **options):
    rows = catalog.load_table(('landing', table)).scan(**options).to_arrow().to_pylist()
    return [[text(name, v) for name, v in row.items()] for row in rows]
def value(name, v):
    if name == 'x': return bytes.fromhex(v)
    if name == 'b': return v == 'true'
    return v.replace(' ', 'T') if name in ('ts', 'tz') else v
answer = None`,
      })
    })
    afterAll(async () => {
      await sessions?.pyiceberg.stop()
      await sessions?.spark.stop()
      await listener?.stop()
    })

    const createTable = async (
      names: readonly string[],
      options: Partial<Parameters<typeof LandingTable.create>[1]>,
    ) => {
      const fields = ['id', ...names].map((name, i) => column(i + 1, name))
      const table = await LandingTable.create(home.services, { fields, ...options })
      await table.landed(toCsv(names), 'append')
      return table
    }
    const readInPyiceberg = (table: LandingTable) =>
      sessions.pyiceberg.request<(string | null)[][]>({ code: `answer = read('${table.identifier.table}')` })
    const readInSpark = (table: LandingTable, names: readonly string[]) => {
      const shown = names.map((name) => {
        if (name === 'x') return 'lower(hex(x))'
        if (name === 'b') return 'CAST(b AS STRING)'
        return name === 'tz' ? "CAST(tz AS STRING) || '+00:00'" : name
      })
      return sessions.spark.request<(string | null)[][]>({
        sql: `SELECT id, ${shown.join(', ')} FROM landing.${table.identifier.table}`,
      })
    }
    const byId = (rows: readonly (string | null)[][]) => rows.toSorted(([a], [b]) => Number(a) - Number(b))

    test.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli'])(
      'are the same, compressed by %s',
      async (codec) => {
        const table = await createTable(NAMES, { properties: { 'write.parquet.compression-codec': codec } })
        expect(byId(await readInPyiceberg(table))).toEqual(createRows(NAMES))
        // Spark has no decompressor for brotli, as it is installed.
        if (codec === 'brotli') return
        const names = NAMES.filter((name) => !NOT_IN_SPARK.has(name))
        const inSpark = await createTable(names, { properties: { 'write.parquet.compression-codec': codec } })
        expect(byId(await readInSpark(inSpark, names))).toEqual(createRows(names))
      },
    )

    const cases = NAMES.flatMap((name) => (VALUES[name]?.transforms ?? []).map((transform) => ({ name, transform })))
    test.each(cases)('are the same, and found, in partitions by $transform', async ({ name, transform }) => {
      const table = await createTable([name], { partitionBy: transform })
      expect(byId(await readInPyiceberg(table))).toEqual(createRows([name]))
      const texts = (VALUES[name]?.texts ?? []).filter((text) => text !== null)
      const counts = texts.map((text) => createRows([name]).filter(([, value]) => value === text).length)
      const found = await sessions.pyiceberg.request<number[]>({
        code: `
from pyiceberg.expressions import EqualTo
answer = [len(read('${table.identifier.table}', row_filter=EqualTo('${name}', value('${name}', v)))) for v in ${JSON.stringify(texts)}]`,
      })
      expect(found).toEqual(NOT_FOUND_IN_PYICEBERG.has(transform) ? counts.map(() => 0) : counts)
      if (NOT_IN_SPARK.has(name)) return
      expect(byId(await readInSpark(table, [name]))).toEqual(createRows([name]))
      const conditions = texts.map(
        (text, i) =>
          `SELECT ${i} AS i, count(*) FROM landing.${table.identifier.table} WHERE ${name} = ${sparkLiteral(name, text)}`,
      )
      const inSpark = await sessions.spark.request<string[][]>({ sql: conditions.join(' UNION ALL ') })
      expect(byId(inSpark).map(([, count]) => Number(count))).toEqual(counts)
    })

    test.each([
      ['asc', 'nulls-first', 'identity'],
      ['asc', 'nulls-last', 'identity'],
      ['desc', 'nulls-first', 'identity'],
      ['desc', 'nulls-last', 'truncate[1]'],
    ] as const)('are in the order that the file names: %s, %s, %s', async (direction, nullOrder, transform) => {
      const field: SortField = { sourceId: 2, transform, direction, nullOrder }
      const table = await createTable(['s'], { sortOrder: { orderId: 1, fields: [field] } })
      expect((await table.dataFiles()).map(({ dataFile }) => dataFile.sortOrderId)).toEqual([1])
      const key = (text: string | null) => (transform === 'identity' ? text : (Array.from(text ?? '')[0] ?? text))
      const sign = direction === 'asc' ? 1 : -1
      const expected = createRows(['s']).toSorted(([, a = null], [, b = null]) => {
        if (a === null || b === null)
          return (Number(a === null) - Number(b === null)) * (nullOrder === 'nulls-last' ? 1 : -1)
        return Buffer.compare(Buffer.from(key(a) ?? ''), Buffer.from(key(b) ?? '')) * sign
      })
      expect((await readInPyiceberg(table)).map(([, text]) => text)).toEqual(expected.map(([, text]) => text))
      expect((await readInSpark(table, ['s'])).map(([, text]) => text)).toEqual(expected.map(([, text]) => text))
    })
  },
)

function sparkLiteral(name: string, text: string): string {
  switch (name) {
    case 'day':
      return `DATE '${text}'`
    case 'ts':
      return `TIMESTAMP_NTZ '${text}'`
    case 'tz':
      return `TIMESTAMP '${text}'`
    case 'x':
      return `X'${text}'`
    case 's':
    case 'u':
      return `'${text.replaceAll("'", "\\'")}'`
    case 'n':
    case 'w':
      return `CAST('${text}' AS ${VALUES[name]?.type})`
    case 'l':
      return `CAST('${text}' AS BIGINT)`
    default:
      return text
  }
}
