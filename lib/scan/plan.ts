import { AppError } from '@/lib/errors'
import type { DataFile, ManifestEntry, Metrics } from '@/lib/iceberg/manifest/manifest'
import type { Value } from '@/lib/iceberg/schema/types'
import { readLiveEntries, type ManifestSource, type TableSnapshot } from './snapshot-manifests'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

/** One data file of a scan. */
export type ScanTask = {
  filePath: string
  fileSizeBytes: number
  recordCount: number
  /** Data sequence number. */
  sequenceNumber: number
  /** Position of the file's first row among all rows of the scan, from 0. */
  firstRowIndex: number
  specId: number
  /** In the order of the spec's fields; null is a null value. */
  partition: readonly (Value | null)[]
  /**
   * Values of identity partition columns by the column's field id, used for rows of a file that does not contain the
   * column (spec, *Column Projection*). Typed as in the table's newest schema.
   */
  constants: ReadonlyMap<number, Value | null>
  splitOffsets: readonly number[] | null
  sortOrderId: number | null
  metrics: Metrics
}

export type ScanPlan = {
  /** In order: by data sequence number, then by path. */
  tasks: readonly ScanTask[]
  rowCount: number
  fileBytes: number
}

/**
 * The data files of a snapshot in the order in which its rows are counted and shown.
 *
 * @throws {AppError} not-supported when the snapshot has delete files or data files that are not Parquet, whose rows
 *   would otherwise be shown incorrectly or not at all (facts: the number of each kind) · file-missing, file-damaged,
 *   too-large, naming the manifest
 */
export async function planScan(table: TableSnapshot, source: ManifestSource): Promise<ScanPlan> {
  const entries = await readLiveEntries(table, source)
  rejectUnreadable(entries)
  const identityColumnsBySpec = new Map(
    table.metadata.partitionSpecs.map((spec) => [spec.specId, identityFields(spec)]),
  )
  let rowCount = 0
  let fileBytes = 0
  const tasks = entries.map(({ sequenceNumber, dataFile }): ScanTask => {
    const firstRowIndex = rowCount
    rowCount += dataFile.recordCount
    fileBytes += dataFile.fileSizeBytes
    const identityColumns = identityColumnsBySpec.get(dataFile.specId) ?? []
    return {
      filePath: dataFile.filePath,
      fileSizeBytes: dataFile.fileSizeBytes,
      recordCount: dataFile.recordCount,
      sequenceNumber,
      firstRowIndex,
      specId: dataFile.specId,
      partition: dataFile.partition,
      constants: new Map(identityColumns.map(({ sourceId, index }) => [sourceId, dataFile.partition[index] ?? null])),
      splitOffsets: dataFile.splitOffsets,
      sortOrderId: dataFile.sortOrderId,
      metrics: dataFile.metrics,
    }
  })
  return { tasks, rowCount, fileBytes }
}

function identityFields(spec: PartitionSpec): { sourceId: number; index: number }[] {
  return spec.fields.flatMap(({ sourceId, transform }, index) =>
    transform.toLowerCase() === 'identity' ? [{ sourceId, index }] : [],
  )
}

function rejectUnreadable(entries: readonly ManifestEntry[]): void {
  const files = entries.map(({ dataFile }) => dataFile)
  const count = (matches: (file: DataFile) => boolean) => files.filter(matches).length
  const deleteCounts = {
    positionDeleteFiles: count((file) => file.content === 'position-deletes' && file.fileFormat !== 'puffin'),
    deletionVectors: count((file) => file.content === 'position-deletes' && file.fileFormat === 'puffin'),
    equalityDeleteFiles: count((file) => file.content === 'equality-deletes'),
  }
  const deleteFiles = count((file) => file.content !== 'data')
  if (deleteFiles > 0) {
    const kinds = [
      quantityOrNull(deleteCounts.positionDeleteFiles, 'position delete file'),
      quantityOrNull(deleteCounts.deletionVectors, 'deletion vector'),
      quantityOrNull(deleteCounts.equalityDeleteFiles, 'equality delete file'),
    ]
    throw new AppError(
      'not-supported',
      `This snapshot deletes rows with ${kinds.filter((kind) => kind !== null).join(', ')}, which Lakeshore cannot apply yet. Its rows are not shown, because deleted rows would be among them.`,
      { facts: { deleteFiles, ...deleteCounts } },
    )
  }
  const formats = (['avro', 'orc', 'puffin'] as const).map((format) => ({
    format,
    fileCount: count((file) => file.fileFormat === format),
  }))
  if (formats.some(({ fileCount }) => fileCount > 0)) {
    const kinds = formats.map(({ format, fileCount }) => quantityOrNull(fileCount, `${format.toUpperCase()} file`))
    throw new AppError(
      'not-supported',
      `This snapshot has ${kinds.filter((kind) => kind !== null).join(', ')} among its ${files.length} data files, but Lakeshore reads only Parquet. Its rows are not shown, because some would be missing.`,
      {
        facts: {
          dataFiles: files.length,
          ...Object.fromEntries(formats.map(({ format, fileCount }) => [`${format}Files`, fileCount])),
        },
      },
    )
  }
}

function quantityOrNull(count: number, noun: string): string | null {
  return count === 0 ? null : `${count} ${noun}${count === 1 ? '' : 's'}`
}
