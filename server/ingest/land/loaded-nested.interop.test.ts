import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable, type LandingTableOptions } from '@/testing/ingest/landing-table'
import { installEngines } from '@/testing/ingest/values/engines'
import {
  NANO_ENDS,
  NANO_TEXTS,
  NANO_TYPES,
  nanoColumns,
  nanoLines,
  NESTED_COLUMNS,
  NESTED_LINES,
  toReadLines,
} from '@/testing/ingest/values/nested-cases'
import { sortById } from '@/testing/ingest/values/value-cases'
import { orRefusal, type ValueReader } from '@/testing/ingest/values/value-reader'
import { writeParquet } from '@/testing/ingest/values/write-parquet'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'

/** Other engines read nested values and nanoseconds of loads as they were in files of JSON and Parquet. */

const engines = await installEngines()
const python = installPyiceberg()
const home = createTestHome()

type Gaps = {
  /** Columns whose nulls it reads as empty. */
  nullsAsEmpty?: readonly string[]
  /** How it refuses to read nanoseconds, by their type, or by the field of their partitions. */
  nanos?: Readonly<Record<string, RegExp>>
  /** How it refuses to look for nanoseconds. */
  search?: RegExp
  /** The nanoseconds that it does not find, by the field of their partitions. */
  notFound?: Readonly<Record<string, readonly string[]>>
}
/** Each is the engine's own. A test fails when a later release no longer has it. */
const GAPS: Readonly<Record<string, Gaps>> = {
  PyIceberg: {
    // It builds lists and maps of structs from their offsets.
    nullsAsEmpty: ['items', 'places'],
    // It does not know the type of the value in the manifest, which is that of the specification.
    nanos: { at: /Unknown logical\/physical type combination: .*timestamp-nanos/ },
    search: /Cannot convert StringLiteral into timestamp/,
  },
  Spark: {
    nanos: {
      timestamp_ns: /Cannot convert unknown type to Spark: timestamp_ns/,
      timestamptz_ns: /Cannot convert unknown type to Spark: timestamptz_ns/,
    },
  },
  Trino: {
    nanos: {
      timestamp_ns: /Cannot convert from Iceberg type 'timestamp_ns'/,
      timestamptz_ns: /Cannot convert from Iceberg type 'timestamptz_ns'/,
    },
  },
  DuckDB: {
    nanos: { timestamptz_ns: /Unrecognized primitive type: timestamptz_ns/ },
    // It rounds the day of a time before 1970 up.
    notFound: { 'day(at)': ['1969-12-31T23:59:59.999999999', '1900-02-28T23:59:59'] },
  },
}

let listener: RestListener
let access: { uri: string; token: string }
beforeAll(async () => {
  listener = await startRestListener(home.services)
  access = { uri: listener.uri, token: await createRestTokenAs(home.services, 'admin') }
})
afterAll(() => listener?.stop())

const FORMATS = ['ndjson', 'parquet'] as const
const tables = new Map<string, Promise<LandingTable>>()
/** The same table for every engine. */
function findTable(
  fields: readonly NestedField[],
  lines: readonly string[],
  format: (typeof FORMATS)[number],
  options: Partial<LandingTableOptions> = {},
) {
  const load = async () => {
    const table = await LandingTable.create(home.services, { fields, ...options })
    await table.landed(
      format === 'parquet' ? writeParquet(String(python), fields, lines) : lines.join('\n'),
      'append',
      { format },
    )
    return table
  }
  const key = JSON.stringify([fields, format, options])
  const table = tables.get(key) ?? load()
  tables.set(key, table)
  return table
}

for (const { name, isHere, open } of engines)
  describe.skipIf(!isHere || python === null)(`Loads in ${name} (skipped when it is unavailable)`, () => {
    const { nullsAsEmpty = [], nanos = {}, search, notFound = {} } = GAPS[name] ?? {}
    let reader: ValueReader
    beforeAll(async () => {
      reader = await open(access)
    })
    afterAll(() => reader?.stop())

    test.each(FORMATS)('have the nested values of %s', async (format) => {
      const { identifier } = await findTable(NESTED_COLUMNS, NESTED_LINES, format)
      const rows = sortById(await reader.read(identifier, NESTED_COLUMNS))
      const expected = toReadLines(NESTED_COLUMNS, NESTED_LINES).map((row) =>
        row.map((value, i) => (nullsAsEmpty.includes(NESTED_COLUMNS[i]?.name ?? '') ? (value ?? []) : value)),
      )
      expect(rows).toEqual(expected)
    })

    describe.each(NANO_TYPES)('of %s', (type) => {
      test.each([
        ['ndjson', null],
        ['parquet', null],
        ['ndjson', 'at'],
        ['parquet', 'day(at)'],
        ['ndjson', 'hour(at)'],
        ['parquet', 'bucket(7, at)'],
      ] as const)('are the same, and found: %s, in partitions by %s', async (format, partitionBy) => {
        const columns = nanoColumns(type, format)
        const lines = nanoLines(type, partitionBy === null ? [...NANO_TEXTS, ...NANO_ENDS] : NANO_TEXTS)
        const table = await findTable(columns, lines, format, { partitionBy, properties: { 'format-version': '3' } })
        const refusal = nanos[type] ?? nanos[partitionBy ?? '']
        const read = reader.read(table.identifier, columns).then(sortById)
        expect(await orRefusal(read, refusal)).toEqual(refusal ?? toReadLines(columns, lines))
        if (refusal) return
        const texts = NANO_TEXTS.filter((text) => text !== null)
        const found = reader.count(table.identifier, { id: 2, name: 'at', required: false, type }, texts)
        const counts = texts.map((text) => (notFound[partitionBy ?? '']?.includes(text) ? 0 : 1))
        expect(await orRefusal(found, search)).toEqual(search ?? counts)
      })
    })
  })
