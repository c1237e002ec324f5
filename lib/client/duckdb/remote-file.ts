import type { ErrorCode } from '@/lib/errors'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { fetchOrSayWhy, problemFrom } from '../call'

/** A file of a table behind its signed address on our own origin. */
export type RemoteFile = { url: string; name: string; byteLength: number }

/** Codes that are about the file itself: what they say gains its name. */
const ABOUT_THE_FILE: ReadonlySet<ErrorCode> = new Set(['not-found', 'file-missing', 'file-damaged'])

export function remoteSource({ url, name, byteLength }: RemoteFile): ByteSource {
  return {
    name,
    byteLength,
    async read(start, end, signal) {
      const response = await fetchOrSayWhy(url, {
        headers: { range: `bytes=${start}-${end - 1}` },
        ...(signal && { signal }),
      })
      if (!response.ok) throw named(name, problemFrom(response, await response.json().catch(() => undefined)))
      const bytes = new Uint8Array(await response.arrayBuffer())
      // A server that ignores the range sends the whole file: right bytes, in the wrong place.
      const asked = response.status === 206 ? bytes : bytes.subarray(start, end)
      if (asked.length !== end - start)
        throw new AppError(
          'file-damaged',
          `${name} is shorter than its table says: ${asked.length} of ${end - start} bytes came.`,
          {
            facts: { file: name },
          },
        )
      return asked
    },
  }
}

function named(name: string, error: AppError): AppError {
  if (!ABOUT_THE_FILE.has(error.code)) return error
  const code = error.code === 'not-found' ? 'file-missing' : error.code
  return new AppError(code, `${name}: ${error.message}`, {
    cause: error,
    facts: { ...error.facts, file: name },
    ...(error.requestId !== null && { requestId: error.requestId }),
  })
}
