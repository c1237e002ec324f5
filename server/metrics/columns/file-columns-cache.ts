import 'server-only'
import { LRUCache } from 'lru-cache'
import { type FileColumns, fileColumnsBytes } from './file-columns'

const MAX_BYTES = 32 * 1024 * 1024

/** The column figures in the footers of data files. Data files never change, so each is read once. */
export class FileColumnsCache {
  readonly #byFile = new LRUCache<string, FileColumns>({ maxSize: MAX_BYTES })

  /** @param key identifies the file that is read: its catalog, location and length; and the table's name mapping */
  get(key: string): FileColumns | null {
    return this.#byFile.get(key) ?? null
  }

  set(key: string, columns: FileColumns): void {
    this.#byFile.set(key, columns, { size: fileColumnsBytes(columns) })
  }
}
