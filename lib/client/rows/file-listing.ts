import type { ListedFilesPage, RowsReply, RowsRequest } from './row-messages'
import { deserializeError } from './serialized-error'

type PendingList = { resolve: (files: ListedFilesPage) => void; reject: (error: unknown) => void }

/** Asks the page for files of scans, because only the page calls endpoints. */
export class FileListing {
  readonly #post: (message: RowsReply) => void
  readonly #pending = new Map<number, PendingList>()
  #lastList = 0

  constructor(post: (message: RowsReply) => void) {
    this.#post = post
  }

  request(scan: number, fromFile: number): Promise<ListedFilesPage> {
    const list = ++this.#lastList
    return new Promise((resolve, reject) => {
      this.#pending.set(list, { resolve, reject })
      this.#post({ kind: 'list', scan, list, fromFile })
    })
  }

  accept({ list, files }: RowsRequest & { kind: 'listed' }): void {
    const pending = this.#pending.get(list)
    this.#pending.delete(list)
    if ('code' in files) pending?.reject(deserializeError(files))
    else pending?.resolve(files)
  }
}
