import { readFileSync } from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import { type NameMapping, readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { createDeleteFileBuilder } from '@/lib/scan/deletes/delete-file'
import { planScan } from '@/lib/scan/plan/scan-plan'
import type { ScanTask } from '@/lib/scan/plan/scan-task'
import { createRowReader, type RowReader } from '@/lib/scan/read-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { type GoldenRead, type GoldenTable, goldenFile } from './golden-tables'

export const AVRO_CODECS: AvroCodecs = {
  deflate: (bytes) => zlib.deflateRawSync(bytes),
  decompress: (codec, bytes) => (codec === 'zstandard' ? zlib.zstdDecompressSync(bytes) : zlib.inflateRawSync(bytes)),
}

/** A state of a golden table, planned. */
export async function planGoldenTable(table: GoldenTable, { snapshotId, ref }: Pick<GoldenRead, 'snapshotId' | 'ref'>) {
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

export type GoldenScan = { schema: Schema; files: readonly ScanFile[]; nameMapping: NameMapping | null }

/** The files of a golden table at a snapshot, branch or tag, with the delete files that apply to them. */
export async function openGoldenScan(
  table: GoldenTable,
  read: Pick<GoldenRead, 'snapshotId' | 'ref'>,
): Promise<GoldenScan> {
  const { schema, plan, toScanFile, nameMapping } = await planGoldenTable(table, read)
  return { schema, files: (await plan.listTasks({ fromFile: 0 })).map(toScanFile), nameMapping }
}

/** @param onOpen is called with the location of each data file that is opened */
export function createGoldenReader(
  { nameMapping, files }: Pick<GoldenScan, 'files' | 'nameMapping'>,
  fields: readonly NestedField[],
  onOpen: (location: string) => void = () => undefined,
): RowReader {
  return createRowReader({
    fields,
    files,
    open: (file) => {
      onOpen(file.path)
      return openGoldenFile(file.path)
    },
    openDelete: (file) => openGoldenFile(file.path),
    codecs: pageCodecs,
    nameMapping,
  })
}

export function openGoldenFile(location: string): ByteSource {
  const bytes = new Uint8Array(readFileSync(goldenFile(location)))
  return {
    name: location,
    byteLength: bytes.length,
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  }
}
