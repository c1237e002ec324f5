import 'server-only'
import { AppError } from '@/lib/errors'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { NO_METRICS } from '@/lib/iceberg/manifest/manifest'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { createDeleteFileBuilder, type DeleteFile } from '@/lib/scan/deletes/delete-file'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import type { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { openDataFile } from '@/server/data-files/open-data-file'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import type { LiveFile } from '@/server/table/files/live-files'
import { writeDeletionVectorFile } from '../delete-files/deletion-vector-file'
import { describePositions, writePositionDeleteFile } from '../delete-files/position-delete-file'

/** A data file, and the one that replaces it, with its rows at the same positions. */
export type MovedFile = { old: LiveFile; added: DataFile }

/**
 * Reads deletes by position of data files, and writes them again for the files that replace these. Rows keep their
 * positions, so the positions stay, and only the path is another one.
 */
export class DeleteMover {
  readonly #table: LoadedTable
  readonly #signal: AbortSignal
  readonly #toDeleteFile: ReturnType<typeof createDeleteFileBuilder>
  readonly #sources = new Map<string, ByteSource>()
  readonly #loader

  constructor(table: LoadedTable, signal: AbortSignal) {
    this.#table = table
    this.#signal = signal
    this.#toDeleteFile = createDeleteFileBuilder(table.metadata)
    this.#loader = createDeleteLoader<DeleteFile>({
      open: ({ path }) => this.#sources.get(path) ?? throwUnopened(path),
      codecs: { ...pageCodecs, avro: avroCodecs },
    })
  }

  /**
   * The rows of a data file that these deletes delete.
   *
   * @throws {AppError} file-missing, file-damaged, not-supported, too-large, naming the delete file
   */
  async read({ filePath, recordCount }: DataFile, deletes: readonly ManifestEntry[]): Promise<DeletedRows> {
    for (const { dataFile } of deletes) {
      if (this.#sources.has(dataFile.filePath)) continue
      this.#sources.set(dataFile.filePath, await openDataFile(this.#table.store, dataFile.filePath, this.#signal))
    }
    const files = deletes.map((entry, index) => this.#toDeleteFile(entry, index))
    return this.#loader.load({ path: filePath, recordCount, deletes: files }, throwEquality, this.#signal)
  }

  /**
   * Writes a separate delete file for a new data file, reads it back, and requires that it deletes the same rows.
   *
   * @param location of a file that does not exist
   * @throws {AppError} internal if it does not; what the store throws
   */
  async write(deleted: DeletedRows, { old, added }: MovedFile, location: string): Promise<DataFile> {
    const { formatVersion } = this.#table.metadata
    const { bytes, described } =
      formatVersion >= 3 ? vectorFile(deleted, added.filePath) : await positionFile(deleted, added.filePath)
    await this.#table.store.writeNew(location, bytes)
    const dataFile: DataFile = {
      content: 'position-deletes',
      filePath: location,
      specId: added.specId,
      partition: added.partition,
      fileSizeBytes: bytes.length,
      sortOrderId: null,
      equalityIds: null,
      splitOffsets: null,
      referencedDataFile: added.filePath,
      firstRowId: null,
      ...described,
    }
    const written = await this.read(added, [{ ...old, dataFile }])
    if (written.equals(deleted)) return dataFile
    throw new AppError(
      'internal',
      `The deletes of ${old.dataFile.filePath} differ after they were written again, so they were not used.`,
      { facts: { filePath: old.dataFile.filePath } },
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

function throwUnopened(path: string): never {
  throw new Error(`${path} was not opened`)
}

function throwEquality(): never {
  throw new Error('deletes by equality stay as they are')
}
