import type { DetailedError } from 'tus-js-client'
import { AppError } from '@/lib/errors'
import { readProblem, toAppError } from '@/lib/api/response-error'
import { toFailure } from '../failure'

/** A failure of the library as one that a page can show: the problem that the server sent, if it sent one. */
export function toUploadFailure(error: Error | DetailedError): AppError {
  if (!('originalRequest' in error)) return toFailure(error)
  const { originalResponse, causingError } = error
  if (causingError instanceof AppError) return causingError
  if (originalResponse === null || originalResponse.getStatus() === 0)
    return new AppError('server-unreachable', 'The connection to the server was lost.', { cause: error })
  const problem = readProblem(parseBody(originalResponse.getBody()))
  if (problem !== null) return toAppError(problem)
  const detail = `The server's response (status ${originalResponse.getStatus()}) cannot be read.`
  // A proxy answers for a server that does not.
  const isOfProxy = originalResponse.getStatus() >= 500
  return new AppError(isOfProxy ? 'server-unreachable' : 'internal', detail, { cause: error })
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // A HEAD request has none, and a proxy sends a page.
    return null
  }
}

const TRANSIENT_CODES: ReadonlySet<AppError['code']> = new Set([
  'cancelled',
  'database-busy',
  'database-unavailable',
  'internal',
  'commit-state-unknown',
  'server-unreachable',
  'storage-unavailable',
  'too-many-requests',
  'unprocessable-request', // The bytes arrived changed.
  'version-conflict', // Another request, which this page takes for lost, has appended bytes.
])

/** Whether the same upload may continue a little later. */
export function mayContinue({ code, facts }: AppError): boolean {
  // The greatest number of uploads, or of their bytes, is there until the user removes some.
  return TRANSIENT_CODES.has(code) && facts['maxUploads'] === undefined && facts['maxUserBytes'] === undefined
}
