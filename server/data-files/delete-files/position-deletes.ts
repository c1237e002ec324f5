import 'server-only'
import { AppError } from '@/lib/errors'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { NO_METRICS } from '@/lib/iceberg/manifest/manifest'
import type { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { writeDeletionVectorFile } from './deletion-vector-file'
import { describePositions, writePositionDeleteFile } from './position-delete-file'
import { PositionDeleteReader } from './position-delete-reader'

/**
 * Reads and writes deletes by position of single data files: files of positions up to format v2, and deletion vectors
 * from v3 on.
 */
export class PositionDeletes {
  readonly #table: LoadedTable
  readonly #reader: PositionDeleteReader

  constructor(table: LoadedTable, signal: AbortSignal) {
    this.#table = table
    this.#reader = new PositionDeleteReader(table, signal)
  }

  /**
   * The rows of a data file that these deletes delete.
   *
   * @throws {AppError} file-missing, file-damaged, not-supported, too-large, naming the delete file
   */
  read(file: DataFile, deletes: readonly ManifestEntry[]): Promise<DeletedRows> {
    return this.#reader.read(file, deletes)
  }

  /**
   * Writes a separate delete file for a data file, reads it back, and requires that it deletes the same rows.
   *
   * @param location of a file that does not exist
   * @throws {AppError} internal if it does not; what the store throws
   */
  async write(deleted: DeletedRows, file: DataFile, location: string): Promise<DataFile> {
    const { formatVersion } = this.#table.metadata
    const { bytes, described } =
      formatVersion >= 3 ? vectorFile(deleted, file.filePath) : await positionFile(deleted, file.filePath)
    await this.#table.store.writeNew(location, bytes)
    const dataFile: DataFile = {
      content: 'position-deletes',
      filePath: location,
      specId: file.specId,
      partition: file.partition,
      fileSizeBytes: bytes.length,
      sortOrderId: null,
      equalityIds: null,
      splitOffsets: null,
      referencedDataFile: file.filePath,
      firstRowId: null,
      ...described,
    }
    const written = await this.read(file, [unnumbered(dataFile)])
    if (written.equals(deleted)) return dataFile
    throw new AppError(
      'internal',
      `The deletes of ${file.filePath} differ from what was written, so they were not used.`,
      { facts: { filePath: file.filePath } },
    )
  }

  get fileExtension(): string {
    return this.#table.metadata.formatVersion >= 3 ? 'puffin' : 'parquet'
  }
}

type Described = Pick<DataFile, 'fileFormat' | 'recordCount' | 'contentOffset' | 'contentSizeBytes' | 'metrics'>

function vectorFile(deleted: DeletedRows, path: string): { bytes: Uint8Array; described: Described } {
  const { bytes, ...content } = writeDeletionVectorFile(path, deleted)
  return { bytes, described: { fileFormat: 'puffin', recordCount: deleted.count, metrics: NO_VALUES, ...content } }
}

async function positionFile(deleted: DeletedRows, path: string): Promise<{ bytes: Uint8Array; described: Described }> {
  const deletes = [{ path, positions: deleted.positions() }]
  const bytes = await writePositionDeleteFile(deletes)
  const described = { fileFormat: 'parquet', contentOffset: null, contentSizeBytes: null } as const
  return { bytes, described: { ...described, ...describePositions(deletes) } }
}

const NO_VALUES: DataFile['metrics'] = {
  columnSizesBytes: NO_METRICS,
  valueCounts: NO_METRICS,
  nullValueCounts: NO_METRICS,
  nanValueCounts: NO_METRICS,
  lowerBounds: NO_METRICS,
  upperBounds: NO_METRICS,
}

/** An entry of a delete file that is in no manifest yet. */
function unnumbered(dataFile: DataFile): ManifestEntry {
  return { status: 'added', snapshotId: '', sequenceNumber: 0, fileSequenceNumber: null, dataFile }
}
