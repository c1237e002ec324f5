import 'server-only'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { AppError } from '@/lib/errors'
import type { PreviewedInput } from './previewed-input'

const MAX_PREVIEW_BYTES = 4 * 1024 * 1024
/** The limit of a file that is copied completely. */
const MAX_WHOLE_BYTES = 256 * 1024 * 1024

/** A Parquet file has its columns at its end, and the first batch of an Arrow file may be most of the file. */
function needsWhole(format: InputFormat): boolean {
  return format === 'parquet' || format === 'arrow'
}

/**
 * The beginning of a file on this machine, or the whole file where a format needs it.
 *
 * @throws {AppError} invalid-request while nothing of an upload has arrived; too-large for a whole file of more than 256 MiB
 */
export async function copyBeginning(
  { name, sizeBytes, receivedBytes, localPath, stream }: PreviewedInput,
  { folder, signal, format }: { folder: string; signal: AbortSignal; format: InputFormat },
): Promise<{ path: string; isTruncated: boolean }> {
  const isWhole = needsWhole(format)
  if (isWhole && localPath !== null) return { path: localPath, isTruncated: false }
  if (sizeBytes !== null && (receivedBytes ?? 0) < (isWhole ? sizeBytes : Math.min(sizeBytes, 1)))
    throw new AppError('invalid-request', `${name} is still being uploaded.`, {
      facts: { sizeBytes, receivedBytes },
    })
  const file = path.join(folder, 'input')
  const maxBytes = isWhole ? MAX_WHOLE_BYTES : MAX_PREVIEW_BYTES
  const tooLargeError = () =>
    new AppError('too-large', `${name} is too large for a preview. It can be loaded all the same.`, {
      facts: { limit: 'preview' },
    })
  if (isWhole && sizeBytes !== null && sizeBytes > maxBytes) throw tooLargeError()
  let copiedBytes = 0
  async function* beginning() {
    for await (const part of stream(signal)) {
      const bytes = part.subarray(0, maxBytes - copiedBytes)
      copiedBytes += bytes.byteLength
      yield bytes
      if (copiedBytes >= maxBytes) return
    }
  }
  await pipeline(beginning, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal })
  const isTruncated = sizeBytes === null ? copiedBytes >= maxBytes : copiedBytes < sizeBytes
  if (isWhole && isTruncated) throw tooLargeError()
  return { path: file, isTruncated }
}
