import { deleteFileBytes, knownDeletedCount } from '@/lib/scan/deletes/delete-file'
import type { LiveRows } from '@/lib/scan/live-rows'
import type { ListedFile } from '@/lib/api/listed-files'

/** How much is read to count deleted rows before the user asks for it. */
const MAX_UNASKED_BYTES = 32 * 1024 * 1024
/** The deletes of so many files, or of files with so many bytes to read, are counted at once; visible rows wait for it. */
const MAX_FILES_PER_COUNT = 64
const MAX_BYTES_PER_COUNT = 4 * 1024 * 1024
/** In memory, per value of a column that equality deletes compare. */
const KEY_VALUE_BYTES = 16

/** Lists the file that contains a row of the scan, and some of the files that follow it. */
type FilesFrom = (row: number, signal: AbortSignal) => Promise<readonly ListedFile[]>

/** Counts the deleted rows of a scan, some files at a time, in the order of the files. */
export class DeletedRowCounter {
  readonly #live: LiveRows<ListedFile>
  /** Deleted rows included. */
  readonly #rowCount: number
  /** The deletes of the files before this row of the scan are counted. */
  #countedTo = 0
  #listedAhead: readonly ListedFile[] = []
  #unaskedBytes = MAX_UNASKED_BYTES
  readonly #seenDeletes = new Set<number>()

  constructor(live: LiveRows<ListedFile>, rowCount: number) {
    this.#live = live
    this.#rowCount = rowCount
  }

  /** Lets it read as much as counting takes. */
  allowAll(): void {
    this.#unaskedBytes = Number.POSITIVE_INFINITY
  }

  /** All rows were counted elsewhere. */
  finish(): void {
    this.#countedTo = this.#rowCount
  }

  /**
   * Counts the deletes of the next files.
   *
   * @returns `paused` if the user has to ask for it first, because much has to be read
   * @throws {AppError} of listing or reading
   */
  async countNext(filesFrom: FilesFrom, signal: AbortSignal): Promise<'exact' | 'running' | 'paused'> {
    const files = await this.#nextFiles(filesFrom, signal)
    if (files === null) return 'paused'
    await this.#live.count(files, signal)
    const last = files.at(-1)
    this.#countedTo = last ? last.firstRowIndex + last.recordCount : this.#rowCount
    return this.#countedTo >= this.#rowCount ? 'exact' : 'running'
  }

  /** Some of the next files; null if the user has to ask for it first. */
  async #nextFiles(filesFrom: FilesFrom, signal: AbortSignal): Promise<readonly ListedFile[] | null> {
    this.#listedAhead = this.#listedAhead.filter(({ firstRowIndex }) => firstRowIndex >= this.#countedTo)
    if (this.#listedAhead.length === 0) this.#listedAhead = await filesFrom(this.#countedTo, signal)
    const files: ListedFile[] = []
    let [bytes, readFiles] = [0, 0]
    for (const file of this.#listedAhead) {
      const fileBytes = this.#bytesToCount(file)
      if (fileBytes > 0) readFiles += 1
      const isFull = readFiles > MAX_FILES_PER_COUNT || bytes + fileBytes > MAX_BYTES_PER_COUNT
      if (files.length > 0 && isFull) break
      files.push(file)
      bytes += fileBytes
    }
    if (bytes > this.#unaskedBytes) return null
    this.#unaskedBytes -= bytes
    for (const { index } of files.flatMap(({ deletes }) => deletes)) this.#seenDeletes.add(index)
    return files
  }

  /** About how many bytes have to be read to know how many rows of a file are deleted. */
  #bytesToCount({ deletes, recordCount, fileSizeBytes }: ListedFile): number {
    if (knownDeletedCount(deletes) !== null) return 0
    const unread = deletes.filter(({ index }) => !this.#seenDeletes.has(index))
    const keyColumns = new Set(deletes.flatMap(({ equalityIds }) => equalityIds)).size
    return (
      unread.reduce((sum, file) => sum + deleteFileBytes(file), 0) +
      Math.min(fileSizeBytes, recordCount * keyColumns * KEY_VALUE_BYTES)
    )
  }
}
