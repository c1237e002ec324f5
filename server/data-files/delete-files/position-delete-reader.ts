import 'server-only'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { createDeleteFileBuilder, type DeleteFile } from '@/lib/scan/deletes/delete-file'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import type { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { openDataFile } from '../open-data-file'

/** Reads deletes by position of single data files. The web server does, too, so this loads no native compressors. */
export class PositionDeleteReader {
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
}

function throwUnopened(path: string): never {
  throw new Error(`${path} was not opened`)
}

function throwEquality(): never {
  throw new Error('deletes by equality have no positions')
}
