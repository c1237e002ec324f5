import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AsOf } from '@/lib/iceberg/as-of'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { MetadataRow } from '@/lib/scan/metadata-tables/metadata-table'
import { openMetadataTable } from '@/lib/scan/metadata-tables/open-metadata-table'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import {
  type MetadataTableRead,
  readRecordedMetadataTables,
  sparkType,
  TABLES_WITH_METADATA_TABLES,
} from './golden-metadata-tables'
import { GOLDEN_ROOT, type GoldenTable, goldenFile, type GoldenValue, listGoldenTables } from './golden-tables'
import { normalizeGoldenValue, sortGolden, toGoldenValue } from './golden-value'
import { AVRO_CODECS, openGoldenFile } from './open-golden-scan'

/**
 * The product's metadata tables have the columns, types and rows that Spark reads. What Spark cannot read is
 * in `DIFFERENCES`, with the reason.
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
    source: { readFile, codecs: AVRO_CODECS },
    properties: metadata.properties,
    deleteFiles: { open: ({ filePath }) => openGoldenFile(filePath), codecs: pageCodecs },
  })
  const rows: MetadataRow[] = []
  for await (const row of opened.readRows(opened.fields.map((field) => field.name))) rows.push(row)
  return { fields: opened.fields, rows }
}

function toGoldenRows(fields: readonly NestedField[], rows: readonly MetadataRow[]): readonly GoldenValue[] {
  return sortGolden(rows.map((row) => fields.map(({ type }, i) => toGoldenValue(type, row[i] ?? null))))
}

function normalizeRows(fields: readonly NestedField[], rows: readonly (readonly GoldenValue[])[]) {
  return sortGolden(rows.map((row) => fields.map(({ type }, i) => normalizeGoldenValue(type, row[i] ?? null))))
}
