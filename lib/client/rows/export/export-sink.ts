import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'

/** Where an export goes. A file appears when it is closed, and never in part. */
export type ExportSink = {
  /** @throws {AppError} too-large, storage-full */
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
  discard(): Promise<void>
}

export type ExportFile = { name: string; mediaType: string }

/** The limit for exports that a browser without access to files holds in memory. */
export const MAX_IN_MEMORY_BYTES = 512 * 1024 * 1024

type SaveFilePicker = (options: { suggestedName: string }) => Promise<FileSystemFileHandle>

/**
 * Asks where to save the file, in browsers that can write to it piece by piece. Others hold it in memory, and then save
 * it among the downloads. Call it in the handler of a click.
 *
 * @returns null when the user closes the dialog
 */
export async function openSink(file: ExportFile): Promise<ExportSink | null> {
  const { showSaveFilePicker } = window as { showSaveFilePicker?: SaveFilePicker }
  if (showSaveFilePicker === undefined) return createMemorySink(file)
  try {
    const handle = await showSaveFilePicker.call(window, { suggestedName: file.name })
    return createFileSink(await handle.createWritable())
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    throw error
  }
}

function createFileSink(stream: FileSystemWritableFileStream): ExportSink {
  return {
    async write(bytes) {
      try {
        await stream.write(bytes as Uint8Array<ArrayBuffer>)
      } catch (cause) {
        const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError'
        throw new AppError(isFull ? 'storage-full' : 'internal', 'The file could not be written.', { cause })
      }
    },
    close: () => stream.close(),
    discard: () => stream.abort(),
  }
}

function createMemorySink({ name, mediaType }: ExportFile, maxBytes = MAX_IN_MEMORY_BYTES): ExportSink {
  let parts: BlobPart[] = []
  let sizeBytes = 0
  return {
    async write(bytes) {
      sizeBytes += bytes.length
      if (sizeBytes > maxBytes) {
        const limit = formatBytes(maxBytes)
        const advice = 'Hide columns, or read the rows from the API.'
        throw new AppError('too-large', `This browser cannot save a file of more than ${limit}. ${advice}`)
      }
      parts.push(bytes as Uint8Array<ArrayBuffer>)
    },
    async close() {
      saveBlob(new Blob(parts, { type: mediaType }), name)
      parts = []
    },
    async discard() {
      parts = []
    },
  }
}

/** How long the browser has to begin the download. */
const DOWNLOAD_START_MS = 60_000

/** Saves a file among the downloads. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_START_MS)
}
