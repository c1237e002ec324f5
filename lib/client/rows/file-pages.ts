import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'
import { filesWithRows } from '@/lib/scan/scan-files'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { type FileListing, type ListedFile, toListedFiles } from '@/lib/api/listed-files'

/** Requests files of a scan, from the one that contains a row. */
export type ListFiles = (
  page: { token: string; fromRow: number; limit: number },
  options: { signal?: AbortSignal },
) => Promise<FileListing>

const PAGE_FILES = 200
const MAX_PAGES = 32

type FilePage = { firstRow: number; lastRow: number; files: readonly ListedFile[] }

/**
 * The files of a scan, a page at a time as their rows are needed. Rows include deleted ones. Only the pages used last
 * are in memory, so a scan may have any number of files.
 */
export class FilePages {
  readonly #token: string
  readonly #rowCount: number
  readonly #defaults: Pick<SignedScanPlan, 'defaults'>
  readonly #listFiles: ListFiles
  /** By the index of their first file. */
  readonly #pages = new LruMap<number, FilePage>()

  constructor(
    plan: Pick<SignedScanPlan, 'token' | 'rowCount' | 'defaults' | keyof FileListing>,
    listFiles: ListFiles = (page, options) => callEndpoint('listPlannedFiles', page, options),
  ) {
    this.#token = plan.token
    this.#rowCount = plan.rowCount
    this.#defaults = { defaults: plan.defaults }
    this.#listFiles = listFiles
    this.#add(plan)
  }

  /**
   * The files that contain the rows, in order; `lastRow` is exclusive.
   *
   * @throws {AppError} of the request; internal when the server leaves rows out
   */
  async filesForRows(firstRow: number, lastRow: number, signal?: AbortSignal): Promise<ListedFile[]> {
    const end = Math.min(lastRow, this.#rowCount)
    const found: ListedFile[] = []
    for (let row = firstRow; row < end; ) {
      const page = this.#findPage(row) ?? (await this.#requestPage(row, signal))
      found.push(...filesWithRows(page.files, row, end))
      row = page.lastRow
    }
    return found
  }

  /** The file that contains a row, if it is in memory. */
  findFile(row: number): ListedFile | null {
    return filesWithRows(this.#findPage(row)?.files ?? [], row, row + 1)[0] ?? null
  }

  /**
   * The file that contains a row and some of the files that follow it. They are not held in memory, so that walking
   * through a scan does not displace the files in use. Throws as {@link filesForRows}.
   */
  async filesFrom(row: number, signal?: AbortSignal): Promise<readonly ListedFile[]> {
    const page = this.#findPage(row) ?? checkPage(toPage(await this.#list(row, signal), this.#defaults), row)
    return filesWithRows(page.files, row, page.lastRow)
  }

  #list(row: number, signal?: AbortSignal): Promise<FileListing> {
    return this.#listFiles({ token: this.#token, fromRow: row, limit: PAGE_FILES }, { ...(signal && { signal }) })
  }

  async #requestPage(row: number, signal?: AbortSignal): Promise<FilePage> {
    return checkPage(this.#add(await this.#list(row, signal)), row)
  }

  #add(listing: FileListing): FilePage | null {
    const page = toPage(listing, this.#defaults)
    const [first] = page?.files ?? []
    if (!page || !first) return null
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

function toPage(listing: FileListing, defaults: Pick<SignedScanPlan, 'defaults'>): FilePage | null {
  const files = toListedFiles(listing, defaults)
  const [first, last] = [files[0], files.at(-1)]
  if (!first || !last) return null
  return { firstRow: first.firstRowIndex, lastRow: last.firstRowIndex + last.recordCount, files }
}

function checkPage(page: FilePage | null, row: number): FilePage {
  if (page === null || page.firstRow > row || page.lastRow <= row)
    throw new AppError('internal', `The server listed no file for row ${row} of the scan.`)
  return page
}
