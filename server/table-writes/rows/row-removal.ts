import 'server-only'
import path from 'node:path'
import { ulid } from 'ulid'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { isDeletionVector } from '@/lib/iceberg/operations/operation'
import { findLayout } from '@/lib/iceberg/operations/write-entries'
import { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import { namedDataFile } from '@/lib/scan/deletes/named-data-file'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { PositionDeletes } from '@/server/data-files/delete-files/position-deletes'
import { dataFileLocation } from '@/server/data-files/write/data-file-location'
import { fieldsToWrite, requireCopyable, writeRows } from '@/server/data-files/write/write-rows'
import { parseWriteSettings, type WriteSettings } from '@/server/data-files/write/write-settings'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'
import { deleteLocation } from './delete-location'
import type { LiveDataFile, LiveDataFiles } from './live-data-files'
import { retainedRows, withLastUpdate } from './retained-rows'
import type { WriteMode } from './write-mode'

export type RowRemovalOptions = {
  table: LoadedTable
  mode: WriteMode
  /** The live data files of the table that are read for it. */
  live: LiveDataFiles
  /** A folder of this machine for intermediate files. */
  folder: string
  /** How the names of new data files begin. */
  fileStem: string
  /** Makes locations durable in the journal of the run, before files are written there. */
  journal(locations: readonly string[]): Promise<void>
  warn(sentence: string): void
  signal: AbortSignal
}

/** The files that a removal of rows has written, and those that they replace. */
export type RemovedRows = {
  /** Delete files, or data files with the other rows. */
  added: readonly DataFile[]
  removed: readonly DataFile[]
  /** The data files that the new delete files name. */
  referencedDataFiles: ReadonlySet<string>
  sizes: readonly { location: string; sizes: DataFileSizes }[]
}

/**
 * Removes rows from data files that retain others. Merge-on-read writes one delete file for each data file: a deletion
 * vector contains the earlier deletes by position of its data file, which it replaces; a file of positions is an
 * addition. Copy-on-write writes the other rows again, in the partition and the order that they have, with their row
 * ids.
 *
 * Spec: Iceberg table spec, *Deletion Vectors*: at most one applies to a data file, and readers ignore files of positions
 * then; *Row Lineage*.
 */
export class RowRemoval {
  readonly #options: RowRemovalOptions
  readonly #locations: ReadonlyMap<LiveDataFile, string>
  readonly #deletes: PositionDeletes
  readonly #settings: WriteSettings | null
  readonly #added: DataFile[] = []
  readonly #removed: DataFile[] = []
  readonly #referenced = new Set<string>()
  readonly #sizes: { location: string; sizes: DataFileSizes }[] = []

  private constructor(
    options: RowRemovalOptions,
    locations: ReadonlyMap<LiveDataFile, string>,
    settings: WriteSettings | null,
  ) {
    this.#options = options
    this.#locations = locations
    this.#settings = settings
    this.#deletes = new PositionDeletes(options.table, options.signal)
  }

  /**
   * Names the new files, before the first is written.
   *
   * @throws {AppError} not-supported for a table whose rows cannot be written again; location-refused
   */
  static async begin(files: readonly LiveDataFile[], options: RowRemovalOptions): Promise<RowRemoval> {
    const { table, mode, journal, warn } = options
    const { metadata, store } = table
    const schema = currentSchema(metadata)
    const isCopied = mode === 'copy-on-write'
    if (isCopied && files.length > 0) requireCopyable(schema)
    const extension = metadata.formatVersion >= 3 ? 'puffin' : 'parquet'
    const newLocation = ({ entry: { dataFile } }: LiveDataFile) =>
      isCopied
        ? dataFileLocation(
            { fileName: `${options.fileStem}_${ulid()}.parquet`, partition: dataFile.partition },
            metadata,
            findLayout(metadata, dataFile.specId),
          )
        : deleteLocation(dataFile, extension)
    const locations = new Map(files.map((file) => [file, newLocation(file)]))
    for (const location of locations.values()) store.checkLocation(location)
    if (locations.size > 0) await journal([...locations.values()])
    return new RowRemoval(options, locations, isCopied ? parseWriteSettings(metadata.properties, schema, warn) : null)
  }

  /**
   * @param rows of the file that are live, and not all of them
   * @throws {AppError} what reading the file, its deletes and the store throw
   */
  async remove(file: LiveDataFile, rows: DeletedRows): Promise<void> {
    const location = this.#locations.get(file)
    if (location === undefined) throw new Error(`${file.file.path} was not announced`)
    if (this.#settings === null) await this.#writeDeletes(file, rows, location)
    else await this.#copyRows(file, rows, { location, settings: this.#settings })
  }

  get result(): RemovedRows {
    return {
      added: this.#added,
      removed: this.#removed,
      referencedDataFiles: this.#referenced,
      sizes: this.#sizes,
    }
  }

  async #writeDeletes({ entry, byPosition }: LiveDataFile, rows: DeletedRows, location: string): Promise<void> {
    const { dataFile } = entry
    const positions = new DeletedRows(dataFile.recordCount)
    for (const position of rows.positions()) positions.add(position)
    if (this.#options.table.metadata.formatVersion >= 3 && byPosition.length > 0) {
      for (const position of (await this.#deletes.read(dataFile, byPosition)).positions()) positions.add(position)
      this.#removed.push(...soleDeletes(dataFile, byPosition))
    }
    this.#referenced.add(dataFile.filePath)
    this.#added.push(await this.#deletes.write(positions, dataFile, location))
  }

  async #copyRows(
    file: LiveDataFile,
    rows: DeletedRows,
    { location, settings }: { location: string; settings: WriteSettings },
  ): Promise<void> {
    const { table, live, folder, signal } = this.#options
    const { metadata, store } = table
    const { dataFile } = file.entry
    const schema = currentSchema(metadata)
    const hasLineage = metadata.formatVersion >= 3
    const fieldIds = fieldsToWrite(schema, hasLineage).map(({ id }) => id)
    const retained = retainedRows(live.read(file, fieldIds), rows)
    const staged = path.join(folder, path.basename(location))
    const written = await writeRows(
      hasLineage ? withLastUpdate(retained, file.file) : retained,
      { plain: `${staged}.plain`, to: staged },
      { schema, hasLineage, settings, signal },
    )
    if (written === null) throw new Error(`${dataFile.filePath} retains no rows`)
    await store.importFile(staged, location)
    const { sizes, ...description } = written
    this.#added.push({
      ...dataFile,
      ...description,
      filePath: location,
      fileFormat: 'parquet',
      // The rows have their ids in a column of the file.
      firstRowId: null,
    })
    this.#removed.push(dataFile, ...soleDeletes(dataFile, file.byPosition))
    this.#sizes.push({ location, sizes })
  }
}

/** Deletes by position that apply to this data file alone, so that they apply to nothing without it. */
export function soleDeletes({ filePath }: DataFile, byPosition: readonly ManifestEntry[]): DataFile[] {
  return byPosition
    .map(({ dataFile }) => dataFile)
    .filter((dataFile) => isDeletionVector(dataFile) || namedDataFile(dataFile) === filePath)
}
