import { AppError } from '@/lib/errors'
import { toFailure } from '../failure'
import type { PageUpload } from './page-upload'

/** Requests for addresses at a time: a browser sends six to one server by HTTP/1.1, and more by HTTP/2. */
const MAX_SIMULTANEOUS_OPENINGS = 12

type OpenedUploads = {
  /** Undefined for one that was removed. */
  find: (id: string) => Pick<PageUpload, 'state' | 'failure' | 'uploadId'> | undefined
  /** Asks the server for the address of an upload, unless that is under way. */
  begin: (id: string) => Promise<void>
}

/** Has the server know uploads before their bytes are sent, twelve at a time. */
export class UploadOpenings {
  readonly #uploads: OpenedUploads
  /** Each checks after a change whether the server knows an upload that a load waits for. */
  readonly #checks = new Set<() => void>()
  #count = 0

  constructor(uploads: OpenedUploads) {
    this.#uploads = uploads
  }

  /** While a user waits for the addresses of many files, no other file is begun. */
  get areUnderWay(): boolean {
    return this.#count > 0
  }

  /** Has to be called when an upload may have changed. */
  noteChange(): void {
    for (const check of this.#checks) check()
  }

  /** @throws {AppError} when one of them fails; cancelled by the signal */
  async open(ids: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const unopened = [...ids]
    this.#count += 1
    const openNext = async () => {
      for (let id = unopened.shift(); id !== undefined; id = unopened.shift()) {
        if (signal?.aborted) throw notWantedError()
        await this.#uploads.begin(id)
        await this.#untilOpen(id, signal)
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(ids.length, MAX_SIMULTANEOUS_OPENINGS) }, openNext))
    } finally {
      // After a failure, no other one is begun.
      unopened.length = 0
      this.#count -= 1
    }
  }

  #untilOpen(id: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const upload = this.#uploads.find(id)
        if (signal?.aborted) reject(notWantedError())
        else if (upload?.state === 'failed') reject(toFailure(upload.failure))
        else if (upload === undefined || upload.uploadId !== null) resolve()
        else return
        this.#checks.delete(check)
        signal?.removeEventListener('abort', check)
      }
      this.#checks.add(check)
      signal?.addEventListener('abort', check)
      check()
    })
  }
}

function notWantedError(): AppError {
  return new AppError('cancelled', 'It was stopped before the server knew all files.')
}
