import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AsOf } from '@/lib/iceberg/as-of'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { MetadataRow } from '@/lib/scan/metadata-tables/metadata-table'
import { openMetadataTable } from '@/lib/scan/metadata-tables/open-metadata-table'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import {
  type MetadataTableRead,
  readRecordedMetadataTables,
  sparkType,
  TABLE_READ_WITH_TRINO,
  TABLES_WITH_METADATA_TABLES,
  TRINO_RECORD,
} from './golden-metadata-tables'
import { GOLDEN_ROOT, type GoldenTable, goldenFile, type GoldenValue, listGoldenTables } from './golden-tables'
import { normalizeGoldenValue, sortGolden, toGoldenValue } from './golden-value'
import { AVRO_CODECS, openGoldenFile } from './open-golden-scan'

/**
 * The product's metadata tables have the columns, types and rows that Spark reads. `DIFFERENCES` has the tables that
 * Spark cannot read, with the reason.
 */

/** Why Spark cannot read some tables that Lakeshore reads. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'Spark does not support time fields': 'readable_metrics and the rows of position_deletes have the types of columns',
}

const tables = listGoldenTables().filter(({ name }) =>
  (TABLES_WITH_METADATA_TABLES as readonly string[]).includes(name),
)

for (const table of tables) {
  describe(`The metadata table of ${table.name}`, () => {
    for (const read of readRecordedMetadataTables(table.name)) {
      const title = `${read.name}${read.snapshotId ? ` at ${read.snapshotId}` : ''}`
      if (read.problem !== undefined) {
        test(`${title} is readable here, not in Spark`, async () => {
          expect(Object.keys(DIFFERENCES)).toContain(read.problem)
          const { fields, rows } = await readMetadataTable(table, read)
          expect(fields.length).toBeGreaterThan(0)
          expect(new Set(rows.map((row) => row.length))).toEqual(new Set(rows.length > 0 ? [fields.length] : []))
        })
        continue
      }
      test(`${title} has the columns and rows that Spark reads`, async () => {
        const { fields, rows } = await readMetadataTable(table, read)
        expect(fields.map(({ name, type }) => [name, sparkType(type)])).toEqual(read.columns)
        expect(toGoldenRows(fields, rows)).toEqual(normalizeRows(fields, read.rows))
      })
    }
  })
}

async function readMetadataTable(table: GoldenTable, { name, snapshotId }: MetadataTableRead) {
  const metadata = readTableMetadata(readFileSync(path.join(table.folder, table.metadata), 'utf8'))
  const asOf: AsOf = snapshotId === undefined ? {} : { snapshotId }
  const readFile = (location: string) => Promise.resolve(new Uint8Array(readFileSync(goldenFile(location))))
  const opened = await openMetadataTable(name, {
    metadata,
    metadataLocation: `file://${GOLDEN_ROOT}/${table.name}/${table.metadata}`,
    snapshot: resolveAsOf(metadata, asOf).snapshot,
    properties: metadata.properties,
    canHold: () => true,
    openFiles: () => ({
      source: { readFile, codecs: AVRO_CODECS },
      deleteFiles: { open: ({ filePath }) => openGoldenFile(filePath), codecs: pageCodecs },
    }),
  })
  const rows: MetadataRow[] = []
  const names = opened.fields.map((field) => field.name)
  const report = () => expect.unreachable('each bound is a value of its column')
  for await (const row of opened.readRows(names, report)) rows.push(row)
  return { fields: opened.fields, rows }
}

function toGoldenRows(fields: readonly NestedField[], rows: readonly MetadataRow[]): readonly GoldenValue[] {
  return sortGolden(rows.map((row) => fields.map(({ type }, i) => toGoldenValue(type, row[i] ?? null))))
}

function normalizeRows(fields: readonly NestedField[], rows: readonly (readonly GoldenValue[])[]) {
  return sortGolden(rows.map((row) => fields.map(({ type }, i) => normalizeGoldenValue(type, row[i] ?? null))))
}

type TrinoDifference = {
  reason: string
  /** Columns that only Trino has. */
  added?: readonly string[]
  /** Columns with other values. */
  others?: readonly string[]
  /** Whether Trino has rows that Lakeshore does not have. */
  hasMoreRows?: true
}

/** Tables that Trino reads differently from Spark and Lakeshore. */
const TRINO_DIFFERENCES: Partial<Record<MetadataTableName, TrinoDifference>> = {
  manifests: {
    reason: 'Trino counts rows, and the files of delete manifests as data files',
    added: ['added_rows_count', 'existing_rows_count', 'deleted_rows_count'],
    others: ['added_data_files_count', 'existing_data_files_count', 'deleted_data_files_count'],
  },
  partitions: { reason: 'Trino sums up sizes and bounds under names of its own', added: ['total_size', 'data'] },
  properties: { reason: 'Trino adds what is not a property, such as the current snapshot', hasMoreRows: true },
}

describe(`What Trino reads of ${TABLE_READ_WITH_TRINO}`, () => {
  const table = listGoldenTables().find(({ name }) => name === TABLE_READ_WITH_TRINO)
  for (const read of readRecordedMetadataTables(TRINO_RECORD)) {
    test(`is in ${read.name}, too`, async () => {
      if (!table || read.problem !== undefined) throw new Error('there is no such record')
      const { fields, rows } = await readMetadataTable(table, read)
      const { added = [], others = [], hasMoreRows = false } = TRINO_DIFFERENCES[read.name] ?? {}
      const ours = fields.map(({ name }) => name)
      expect(read.columns.map(([name]) => name).filter((name) => !ours.includes(name))).toEqual(added)
      const theirNames = read.columns.map(([name]) => name)
      const shared = fields.filter(
        ({ name, type }) =>
          typeof type === 'string' && type !== 'binary' && theirNames.includes(name) && !others.includes(name),
      )
      expect(shared.length).toBeGreaterThan(0)
      const theirs = read.rows.map((row) =>
        shared.map(({ name }) => toComparable(row[read.columns.findIndex(([each]) => each === name)] ?? null)),
      )
      const own = rows.map((row) =>
        shared.map(({ name, type }) => toComparable(toGoldenValue(type, row[ours.indexOf(name)] ?? null))),
      )
      const ownTexts = new Set(own.map((row) => JSON.stringify(row)))
      const expected = hasMoreRows ? theirs.filter((row) => ownTexts.has(JSON.stringify(row))) : theirs
      expect(sortGolden(own)).toEqual(sortGolden(expected))
    })
  }
})

/** A value as text; an instant as golden values have it. */
function toComparable(value: GoldenValue): GoldenValue {
  if (value === null) return null
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const [, date, time, fraction = ''] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)\.?(\d*)(?: UTC)?$/.exec(text) ?? []
  return date === undefined ? text : `${date}T${time}.${fraction.padEnd(6, '0')}`
}
