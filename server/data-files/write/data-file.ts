import 'server-only'
import { createHash } from 'node:crypto'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { partitionPath, type PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { StagedFile } from './staged-file'

const MAX_FOLDER_NAME_BYTES = 200

/** How the names of data files begin. Characters that are special in a path or a URL are not used. */
export function dataFileStem(table: string, writtenAtMs: number): string {
  const day = new Date(writtenAtMs).toISOString().slice(0, 10).replaceAll('-', '')
  return `${table.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)}_data_${day}`
}

/** Hive style below the table's data folder, as engines that list folders expect. */
export function dataFileLocation(
  { fileName, partition }: Pick<StagedFile, 'fileName' | 'partition'>,
  { location, properties }: TableMetadata,
  { spec, schema }: { spec: PartitionSpec; schema: Schema },
): string {
  const folder = (properties['write.data.path'] ?? `${location}/data`).replace(/\/+$/, '')
  const partitionFolder = partitionPath(spec, schema, partition)
  return [folder, ...(partitionFolder === '' ? [] : partitionFolder.split('/').map(toFolderName)), fileName].join('/')
}

/** File systems allow 255 bytes per name; a digest replaces the rest. Readers do not parse these names. */
function toFolderName(segment: string): string {
  if (segment.length <= MAX_FOLDER_NAME_BYTES) return segment
  const digest = createHash('sha256').update(segment).digest('hex').slice(0, 16)
  return `${segment.slice(0, MAX_FOLDER_NAME_BYTES - digest.length - 1).replace(/%[0-9A-F]?$/, '')}-${digest}`
}

/** A staged file as its manifest will describe it. */
export function toDataFile(file: StagedFile, filePath: string, specId: number): DataFile {
  return {
    content: 'data',
    filePath,
    fileFormat: 'parquet',
    specId,
    partition: file.partition,
    recordCount: file.recordCount,
    fileSizeBytes: file.fileSizeBytes,
    sortOrderId: 0,
    equalityIds: null,
    splitOffsets: file.splitOffsets,
    referencedDataFile: null,
    contentOffset: null,
    contentSizeBytes: null,
    firstRowId: null,
    metrics: file.metrics,
  }
}
