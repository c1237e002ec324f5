import { readFileSync } from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import { readNameMapping } from '@/lib/iceberg/schema/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { createDeleteFileBuilder } from '@/lib/scan/deletes/delete-file'
import { planScan } from '@/lib/scan/plan/scan-plan'
import { createRowReader } from '@/lib/scan/read-rows'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import type { ScanFile } from '@/lib/scan/scan-files'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { type GoldenRead, type GoldenRows, type GoldenTable, goldenFile, type GoldenValue } from './golden-tables'
import { normalizeGoldenValue, sortGolden, toGoldenValue } from './golden-value'

const AVRO_CODECS: AvroCodecs = {
  deflate: (bytes) => zlib.deflateRawSync(bytes),
  decompress: (codec, bytes) => (codec === 'zstandard' ? zlib.zstdDecompressSync(bytes) : zlib.inflateRawSync(bytes)),
}

/** The columns of row lineage (spec, *Row Lineage*). */
const LINEAGE: readonly NestedField[] = [
  { id: 2_147_483_540, name: '_row_id', required: false, type: 'long' },
  { id: 2_147_483_539, name: '_last_updated_sequence_number', required: false, type: 'long' },
]

/** A state of a golden table, planned. */
export async function planGoldenTable(table: GoldenTable, { snapshotId, ref }: GoldenRead) {
  const metadata = readTableMetadata(readFileSync(path.join(table.folder, table.metadata), 'utf8'))
  const { snapshot, schema } = resolveAsOf(metadata, { ...(snapshotId && { snapshotId }), ...(ref && { ref }) })
  const readFile = (location: string) => Promise.resolve(new Uint8Array(readFileSync(goldenFile(location))))
  const plan = await planScan({ metadata, snapshot }, { readFile, codecs: AVRO_CODECS })
  const deleteEntries = (await plan.readDeletes())?.entries ?? []
  const toDeleteFile = createDeleteFileBuilder(metadata)
  const toScanFile = (task: ScanTask): ScanFile => ({
    ...task,
    path: task.filePath,
    deletes: task.deletes.flatMap((index) => {
      const entry = deleteEntries[index]
      return entry ? [toDeleteFile(entry, index)] : []
    }),
  })
  return { metadata, schema, plan, toScanFile, nameMapping: readNameMapping(metadata.properties) }
}

export type ReadResult = { rows: GoldenRows; recorded: GoldenRows }

/**
 * Reads a golden table with the product's reader.
 *
 * @param read what was recorded
 * @returns the rows that were read and the recorded ones, in the same form and order
 */
export async function readGoldenTable(
  table: GoldenTable,
  read: GoldenRead,
  { withLineage = false } = {},
): Promise<ReadResult> {
  const { schema, plan, toScanFile, nameMapping } = await planGoldenTable(table, read)
  const files = (await plan.listTasks({ fromFile: 0 })).map(toScanFile)
  const fields = [...schema.fields, ...(withLineage ? LINEAGE : [])]
  const reader = createRowReader({
    fields: schema.fields,
    files,
    open: openGoldenFile,
    openDelete: openGoldenFile,
    codecs: pageCodecs,
    nameMapping,
  })
  const fieldIds = fields.map(({ id }) => id)
  // The row count is exact once all rows were read.
  const { columns, lastRow } = await reader.readRows({ firstRow: 0, lastRow: reader.rowCount, fieldIds })
  const rows = Array.from({ length: lastRow }, (_, row) =>
    fields.map(({ id, type }) => toGoldenValue(type, columns.get(id)?.[row] ?? null)),
  )
  const expected = (withLineage ? read.lineage : read) ?? { columns: [], rows: [] }
  return {
    rows: { columns: fields.map(({ name }) => name), rows: sortGolden(rows) },
    recorded: { columns: expected.columns, rows: sortGolden(expected.rows.map((row) => normalizeRow(fields, row))) },
  }
}

function normalizeRow(fields: readonly NestedField[], row: readonly GoldenValue[]): GoldenValue[] {
  return fields.map(({ type }, i) => normalizeGoldenValue(type, row[i] ?? null))
}

/** A data or delete file of a golden table. */
export function openGoldenFile({ path: location }: { path: string }): ByteSource {
  const bytes = new Uint8Array(readFileSync(goldenFile(location)))
  return {
    name: location,
    byteLength: bytes.length,
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  }
}
