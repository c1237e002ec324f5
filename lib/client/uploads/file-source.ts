import type { FileReader, FileSource } from 'tus-js-client'
import { AppError } from '@/lib/errors'

/**
 * Reads a chunk of a file into memory before it is sent, so that the checksum is of the bytes that are sent, and a file
 * that changes meanwhile is not mistaken for a lost connection.
 */
export const CHUNK_READER: FileReader = {
  openFile: async (file: Blob): Promise<FileSource> => ({
    size: file.size,
    async slice(start, end) {
      const bytes = await readBytes(file, start, end)
      // The library counts by `size`, as a blob has it.
      return { value: Object.assign(bytes, { size: bytes.byteLength }), done: end >= file.size }
    },
    close: () => {},
  }),
}

async function readBytes(file: Blob, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.slice(start, end).arrayBuffer())
  } catch (cause) {
    throw new AppError(
      'file-damaged',
      'The browser can no longer read the file: it was changed, moved or removed since you dropped it. Drop it again.',
      { cause },
    )
  }
}
