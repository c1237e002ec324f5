import 'server-only'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DataFiles } from '@/lib/scan/data-files'
import { createDeleteFileBuilder, type DeleteFile, knownDeletedCount } from '@/lib/scan/deletes/delete-file'
import { DeleteIndex } from '@/lib/scan/deletes/delete-index'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import { columnTypes } from '@/lib/scan/deletes/key-bounds'
import { LiveRows } from '@/lib/scan/live-rows'
import { createTaskBuilder } from '@/lib/scan/plan/scan-task'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import { findMatches } from '@/lib/scan/prune/find-matches'
import { createRowBudgets, createRowReader, type RowBatch, type RowReader } from '@/lib/scan/read-rows'
import { createScanFiles, type ScanFile } from '@/lib/scan/scan-files'
import { withFileName } from '@/lib/parquet/errors'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { openDataFile } from '@/server/data-files/open-data-file'
import { readBatches } from '@/server/data-files/read/read-batches'
import { pageCodecs } from '@/server/parquet/page-codecs'

const CACHE_BYTES = 32 * 1024 * 1024

/** A data file of the table, the deletes that apply to it, and the file as a scan reads it. */
export type LiveDataFile = {
  entry: ManifestEntry
  /** A deletion vector, or files of positions. */
  byPosition: readonly ManifestEntry[]
  file: ScanFile
}

/** Data files of a table whose live rows are read, with one reader, so that each delete file is read once. */
export class LiveDataFiles {
  readonly #table: LoadedTable
  readonly #signal: AbortSignal
  readonly #sources = new Map<string, ByteSource>()
  readonly #rows: LiveRows<ScanFile>
  readonly #reader: RowReader
  readonly #dataFiles: DataFiles
  readonly files: readonly LiveDataFile[]

  /**
   * @param entries of the data files, in the order of the scan
   * @param deletes all live delete files of the snapshot
   */
  constructor(
    { table, schema, signal }: { table: LoadedTable; schema: Pick<Schema, 'fields'>; signal: AbortSignal },
    { entries, deletes }: { entries: readonly ManifestEntry[]; deletes: readonly ManifestEntry[] },
  ) {
    const { metadata } = table
    this.#table = table
    this.#signal = signal
    this.files = toLiveDataFiles(metadata, entries, deletes)
    this.#rows = new LiveRows(createScanFiles(this.files.map(({ file }) => file)), (uncounted) =>
      this.#reader.countDeleted(uncounted, signal),
    )
    const open = ({ path }: { path: string }) => this.#sourceOf(path)
    const codecs = { ...pageCodecs, avro: avroCodecs }
    const nameMapping = readNameMapping(metadata.properties)
    this.#reader = createRowReader({
      fields: schema.fields,
      files: this.#rows,
      open,
      openDelete: open,
      codecs,
      nameMapping,
      limits: { cacheBytes: CACHE_BYTES },
    })
    const deleteLoader = createDeleteLoader({ open, codecs, nameMapping })
    this.#dataFiles = new DataFiles({ open, deletes: deleteLoader, codecs, nameMapping })
  }

  /**
   * The live rows of one file.
   *
   * @throws {AppError} file-missing, file-damaged, not-supported, too-large, naming the file
   */
  async *read({ file }: LiveDataFile, fieldIds: readonly number[]): AsyncGenerator<RowBatch, void> {
    await this.#open(file)
    await this.#rows.count([file], this.#signal)
    const { firstLiveRow, liveRowCount } = this.#rows.locate(file)
    yield* readBatches(this.#reader, {
      firstRow: firstLiveRow,
      rowCount: liveRowCount,
      fieldIds,
      signal: this.#signal,
    })
    this.#sources.delete(file.path)
  }

  /**
   * The live rows of one file that pass a predicate, which reads only the columns that it tests.
   *
   * @returns `liveRowCount` is that of all live rows of the file
   * @throws as {@link LiveDataFiles.read}
   */
  async findMatches(
    { file }: LiveDataFile,
    predicate: BoundPredicate,
  ): Promise<{ matches: DeletedRows; liveRowCount: number }> {
    await this.#open(file)
    const signal = this.#signal
    return withFileName(file.path, async () => {
      const deleted = await this.#dataFiles.loadDeletes(file, signal)
      const opened = await this.#dataFiles.open(file, signal)
      const matches = new DeletedRows(file.recordCount)
      const createBudget = () => createRowBudgets().reserveMemory
      for await (const { positions } of findMatches(predicate, opened, { createBudget, signal }))
        for (const position of positions) if (deleted?.has(position) !== true) matches.add(position)
      this.#sources.delete(file.path)
      return { matches, liveRowCount: file.recordCount - (deleted?.count ?? 0) }
    })
  }

  /** How many rows of a file are not deleted. Reads its deletes, and if some are by equality, the columns that they compare. */
  async countLive({ file }: LiveDataFile): Promise<number> {
    const known = file.recordCount === 0 ? 0 : knownDeletedCount(file.deletes ?? [])
    if (known !== null) return file.recordCount - known
    await this.#open(file)
    const deleted = await withFileName(file.path, () => this.#dataFiles.loadDeletes(file, this.#signal))
    this.#sources.delete(file.path)
    return file.recordCount - (deleted?.count ?? 0)
  }

  async #open(file: ScanFile): Promise<void> {
    const deletes: readonly DeleteFile[] = file.deletes ?? []
    for (const { path } of [file, ...deletes]) {
      if (this.#sources.has(path)) continue
      this.#sources.set(path, await openDataFile(this.#table.store, path, this.#signal))
    }
  }

  #sourceOf(path: string): ByteSource {
    const source = this.#sources.get(path)
    if (source) return source
    throw new Error(`${path} was not opened`)
  }
}

function toLiveDataFiles(
  metadata: LoadedTable['metadata'],
  entries: readonly ManifestEntry[],
  deletes: readonly ManifestEntry[],
): LiveDataFile[] {
  const index = deletes.length === 0 ? null : new DeleteIndex(deletes, metadata.partitionSpecs, columnTypes(metadata))
  const toTask = createTaskBuilder(metadata)
  const toDeleteFile = createDeleteFileBuilder(metadata)
  const built = new Map<number, DeleteFile>()
  const deleteFileAt = (at: number): DeleteFile[] => {
    const entry = index?.entries[at]
    const file = built.get(at) ?? (entry && toDeleteFile(entry, at))
    if (!file) return []
    built.set(at, file)
    return [file]
  }
  let firstRowIndex = 0
  return entries.map((entry, fileIndex) => {
    const task = toTask({ entry, fileIndex, firstRowIndex }, index)
    firstRowIndex += entry.dataFile.recordCount
    const applied = index?.find(entry)
    return {
      entry,
      byPosition: applied?.deletionVector ? [applied.deletionVector] : (applied?.positionDeletes ?? []),
      file: { ...task, path: task.filePath, deletes: task.deletes.flatMap(deleteFileAt) },
    }
  })
}
