import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'

/** The bytes of a file on the user's disk, read as they are needed. */
export function createBlobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    byteLength: blob.size,
    async read(start, end) {
      try {
        const bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer())
        if (bytes.length === end - start) return bytes
      } catch (cause) {
        // The browser refuses a file that was changed, moved or deleted since it was chosen.
        throw unreadableError(name, cause)
      }
      throw new AppError('file-damaged', `${name} is shorter than its footer says.`, { facts: { file: name } })
    },
  }
}

function unreadableError(name: string, cause: unknown): AppError {
  return new AppError(
    'file-missing',
    `${name} was changed or removed on your disk since you opened it. Open it again.`,
    {
      cause,
      facts: { file: name },
    },
  )
}
