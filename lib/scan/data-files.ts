import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ReadTally } from './counted-source'
import type { DeletedRows } from './deletes/deleted-rows'
import type { DeletedByFile, DeleteLoader } from './deletes/delete-loader'
import { evictLeastRecent, LruMap } from './lru-map'
import { type OpenDataFile, openDataFile } from './read/data-file'
import type { DataFileCodecs } from './read/file-facts'
import type { ScanFile } from './scan-files'

export type ReadCost = ReadTally & {
  /** Number of files from which anything was read. */
  filesRead: number
  /** Files whose length differs from their manifests; they are read as they are. */
  sizeMismatches: readonly SizeMismatch[]
}

export type SizeMismatch = { path: string; declaredBytes: number; actualBytes: number }

export type DataFilesDeps = {
  open: (file: ScanFile) => ByteSource
  deletes: DeleteLoader
  codecs: DataFileCodecs
  /** For files written without field ids. */
  nameMapping: NameMapping | null
}

const MAX_CACHED_FOOTERS = 256

/** The data files of a scan with their deletes: caches footers, and counts the bytes read. */
export class DataFiles {
  readonly #deps: DataFilesDeps
  readonly #tally: ReadTally = { bytesRead: 0, requests: 0 }
  /** By the index of the file's first row, which no other file with rows has. */
  readonly #filesRead = new Set<number>()
  readonly #mismatches = new Map<number, SizeMismatch>()
  readonly #openFiles = new LruMap<number, OpenDataFile>()

  constructor(deps: DataFilesDeps) {
    this.#deps = deps
  }

  /** Since the files were created. */
  cost(): ReadCost {
    const { tally } = this.#deps.deletes
    const bytesRead = this.#tally.bytesRead + tally.bytesRead
    const requests = this.#tally.requests + tally.requests
    return { bytesRead, requests, filesRead: this.#filesRead.size, sizeMismatches: [...this.#mismatches.values()] }
  }

  /** Null if no deletes apply to the file. */
  async loadDeletes(file: ScanFile, signal?: AbortSignal): Promise<DeletedRows | null> {
    const { deletes = [] } = file
    if (deletes.length === 0) return null
    return await this.#deps.deletes.load({ ...file, deletes }, () => this.open(file), signal)
  }

  /** The rows that each delete file of the file deletes. */
  async loadEachDeletes(file: ScanFile, signal?: AbortSignal): Promise<readonly DeletedByFile[]> {
    const { deletes = [] } = file
    if (deletes.length === 0) return []
    return await this.#deps.deletes.loadEach({ ...file, deletes }, () => this.open(file), signal)
  }

  async open(file: ScanFile, signal?: AbortSignal): Promise<OpenDataFile> {
    const key = file.firstRowIndex
    const cached = this.#openFiles.get(key)
    if (cached) return cached
    this.#filesRead.add(key)
    const { fileFormat, recordCount, constants, fileSizeBytes: declaredBytes, path } = file
    const { sequenceNumber, firstRowId = null } = file
    const { open, nameMapping, codecs } = this.#deps
    const openedFile = await openDataFile(
      open(file),
      {
        ...(fileFormat && { fileFormat }),
        recordCount,
        constants,
        nameMapping,
        origin: { path, sequenceNumber, firstRowId },
      },
      { codecs, tally: this.#tally, tailBytes: guessTailBytes(declaredBytes), signal },
    )
    const { byteLength: actualBytes } = openedFile.source
    if (actualBytes !== declaredBytes) this.#mismatches.set(key, { path, declaredBytes, actualBytes })
    this.#openFiles.set(key, openedFile)
    evictLeastRecent(this.#openFiles, MAX_CACHED_FOOTERS, () => 1)
    return openedFile
  }
}

const SMALL_FILE_BYTES = 64 * 1024

/** A footer is small relative to its file: the guess keeps the bytes read in proportion. */
function guessTailBytes(fileSizeBytes: number): number {
  if (fileSizeBytes <= SMALL_FILE_BYTES) return fileSizeBytes
  return Math.min(SMALL_FILE_BYTES, Math.max(8 * 1024, Math.round(fileSizeBytes / 64)))
}
