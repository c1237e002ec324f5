import 'server-only'
import { type ExpiryFileList, MAX_LISTED_EXPIRY_FILES } from '@/lib/contract/table/expiry'

export type ListedFile = ExpiryFileList['files'][number]

/** Counts files, and keeps the first of them in the order of their locations: a table may have millions. */
export class FirstFiles {
  readonly #files: ListedFile[] = []
  readonly #maxFiles: number
  #fileCount = 0

  constructor(maxFiles = MAX_LISTED_EXPIRY_FILES) {
    this.#maxFiles = maxFiles
  }

  /** Each location once. */
  add(file: ListedFile): void {
    this.#fileCount += 1
    const index = this.#indexOf(file.location)
    if (index === this.#maxFiles) return
    this.#files.splice(index, 0, file)
    if (this.#files.length > this.#maxFiles) this.#files.pop()
  }

  /** For a file whose size is known only after it was added. */
  setSize(location: string, sizeBytes: number): void {
    const index = this.#indexOf(location)
    const file = this.#files[index]
    if (file?.location === location) this.#files[index] = { ...file, sizeBytes }
  }

  toList(): ExpiryFileList {
    return { fileCount: this.#fileCount, files: [...this.#files] }
  }

  /** Where the location is, or would be inserted. */
  #indexOf(location: string): number {
    let [low, high] = [0, this.#files.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#files[middle]?.location ?? '') < location) low = middle + 1
      else high = middle
    }
    return low
  }
}
