import type { PlannedFile, SignedScanPlan } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'
import { filesWithRows } from '@/lib/scan/scan-files'
import { callEndpoint } from '../call/call-endpoint'

/** Requests files of a scan, from the one that contains a row. */
export type ListFiles = (
  page: { token: string; fromRow: number; limit: number },
  options: { signal?: AbortSignal },
) => Promise<{ files: readonly PlannedFile[] }>

const PAGE_FILES = 200
const MAX_PAGES = 32

type FilePage = { firstRow: number; lastRow: number; files: readonly PlannedFile[] }

/**
 * The files of a scan, a page at a time as their rows are needed. Only the pages used last are in memory, so a scan may
 * have any number of files.
 */
export class FilePages {
  readonly #token: string
  readonly #rowCount: number
  readonly #listFiles: ListFiles
  /** By the index of their first file. */
  readonly #pages = new LruMap<number, FilePage>()

  constructor(
    { token, rowCount, files }: Pick<SignedScanPlan, 'token' | 'rowCount' | 'files'>,
    listFiles: ListFiles = (page, options) => callEndpoint('listPlannedFiles', page, options),
  ) {
    this.#token = token
    this.#rowCount = rowCount
    this.#listFiles = listFiles
    this.#add(files)
  }

  /**
   * The files that contain the rows, in order; `lastRow` is exclusive.
   *
   * @throws {AppError} of the request; internal when the server leaves rows out
   */
  async filesForRows(firstRow: number, lastRow: number, signal?: AbortSignal): Promise<PlannedFile[]> {
    const end = Math.min(lastRow, this.#rowCount)
    const found: PlannedFile[] = []
    for (let row = firstRow; row < end; ) {
      const page = this.#findPage(row) ?? (await this.#requestPage(row, signal))
      found.push(...filesWithRows(page.files, row, end))
      row = page.lastRow
    }
    return found
  }

  /** The file that contains a row, if it is in memory. */
  findFile(row: number): PlannedFile | null {
    return filesWithRows(this.#findPage(row)?.files ?? [], row, row + 1)[0] ?? null
  }

  async #requestPage(row: number, signal?: AbortSignal): Promise<FilePage> {
    const { files } = await this.#listFiles(
      { token: this.#token, fromRow: row, limit: PAGE_FILES },
      { ...(signal && { signal }) },
    )
    const page = this.#add(files)
    if (page === null || page.firstRow > row || page.lastRow <= row)
      throw new AppError('internal', `The server listed no file for row ${row} of the scan.`)
    return page
  }

  #add(files: readonly PlannedFile[]): FilePage | null {
    const [first, last] = [files[0], files.at(-1)]
    if (!first || !last) return null
    const page = { firstRow: first.firstRowIndex, lastRow: last.firstRowIndex + last.recordCount, files }
    this.#pages.set(first.index, page)
    evictLeastRecent(this.#pages, MAX_PAGES, () => 1)
    return page
  }

  #findPage(row: number): FilePage | null {
    const holder = this.#pages
      .entriesNewestFirst()
      .find(([, { firstRow, lastRow }]) => firstRow <= row && row < lastRow)
    return holder ? (this.#pages.get(holder[0]) ?? null) : null
  }
}
