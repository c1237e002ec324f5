import type { ErrorCode } from '@/lib/errors'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { RemoteFile } from '@/lib/query/load/decode-messages'
import { fetchOrThrow } from './fetch-or-throw'
import { responseError } from './response-error'

/** Codes that concern the file itself: their messages get the file's name. */
const FILE_ERROR_CODES: ReadonlySet<ErrorCode> = new Set(['not-found', 'file-missing', 'file-damaged'])

/** The given length may be wrong; the server's response with the end of the file corrects it. */
export function createRemoteSource({ url, name, byteLength }: RemoteFile): ByteSource {
  const requestRange = async (range: string, signal?: AbortSignal) => {
    const response = await fetchOrThrow(url, { headers: { range: `bytes=${range}` }, ...(signal && { signal }) })
    if (!response.ok) throw withFileName(name, responseError(response, await response.json().catch(() => undefined)))
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
  }
  const source: ByteSource = {
    name,
    byteLength,

    async read(start, end, signal) {
      const { response, bytes } = await requestRange(`${start}-${end - 1}`, signal)
      // A server that ignores the range sends the whole file, from which the range is cut.
      const requested = response.status === 206 ? bytes : bytes.subarray(start, end)
      if (requested.length !== end - start)
        throw damagedFileError(name, `is shorter than expected: ${requested.length} of ${end - start} bytes arrived`)
      return requested
    },

    async readEnd(lengthBytes, signal) {
      const { response, bytes } = await requestRange(`-${lengthBytes}`, signal).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'range-not-satisfiable')
          throw damagedFileError(name, 'is empty')
        throw error
      })
      if (response.status !== 206) {
        source.byteLength = bytes.length
        return bytes.subarray(-lengthBytes)
      }
      const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? []
      const isEnd = Number(end) + 1 === Number(total) && Number(total) - Number(start) === bytes.length
      if (!isEnd) throw damagedFileError(name, 'was sent with another range than its end')
      source.byteLength = Number(total)
      return bytes
    },
  }
  return source
}

function damagedFileError(name: string, detail: string): AppError {
  return new AppError('file-damaged', `${name} ${detail}.`, { facts: { file: name } })
}

function withFileName(name: string, error: AppError): AppError {
  if (!FILE_ERROR_CODES.has(error.code)) return error
  const code = error.code === 'not-found' ? 'file-missing' : error.code
  return new AppError(code, `${name}: ${error.message}`, {
    cause: error,
    facts: { ...error.facts, file: name },
    ...(error.requestId !== null && { requestId: error.requestId }),
  })
}
