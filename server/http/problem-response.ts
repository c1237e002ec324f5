import 'server-only'
import { USER_STATE_HEADER } from '@/lib/contract/shapes/plain-values'
import type { Problem } from '@/lib/contract/shapes/problem'
import { type AppError, ERROR_CODES, isTransientDatabaseError } from '@/lib/errors'
import type { Log } from '@/server/log'
import { toAppError } from './to-app-error'

const REFUSALS = new Set<AppError['code']>([
  'unauthenticated',
  'wrong-credentials',
  'forbidden',
  'location-refused',
  'read-restricted',
  'format-unsupported',
  'credentials-required',
  'too-many-requests',
])

/** When to retry after the database did not answer, unless the failure says so itself. */
const DATABASE_RETRY_AFTER_SECONDS = 2

type ErrorContext = {
  requestId: string
  endpoint: string
  userId: string | null
  signal?: AbortSignal
  /** That of a protocol, in place of the one that follows from the code. */
  status?: number
}

/** The only module in which an error becomes an HTTP response. Causes are logged under the request id, never sent. */
export function problemResponse(
  log: Log,
  error: unknown,
  { signal, status: givenStatus, ...context }: ErrorContext,
): Response {
  const appError = toAppError(error, signal)
  const status = givenStatus ?? ERROR_CODES[appError.code].status
  if (status >= 500) log.error(appError.code === 'internal' ? (appError.cause ?? appError) : appError, context)
  else if (REFUSALS.has(appError.code))
    log.info('refused', { ...context, code: appError.code, detail: appError.message })
  const { code, facts } = appError
  const sizeBytes = code === 'range-not-satisfiable' ? facts.sizeBytes : null
  return Response.json(
    { ...problemBody(appError, context.requestId), status },
    {
      status,
      headers: {
        'content-type': 'application/problem+json',
        ...problemHeaders(appError),
        // RFC 9110 section 15.5.17: so that the client learns how long the file is.
        ...(typeof sizeBytes === 'number' && { 'content-range': `bytes */${sizeBytes}` }),
      },
    },
  )
}

/** A failure as problem details. */
export function problemBody({ code, message, facts }: AppError, requestId: string): Problem {
  const { status, title } = ERROR_CODES[code]
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail: message,
    requestId,
    code,
    facts: { ...facts },
  }
}

/**
 * `Retry-After`, for failures that a retry may resolve, and the state of a disabled user, because the response to a HEAD
 * request has no body.
 */
export function problemHeaders(failure: AppError): Record<string, string> {
  const { status } = ERROR_CODES[failure.code]
  const { userState } = failure.facts
  if (status === 401) return typeof userState === 'string' ? { [USER_STATE_HEADER]: userState } : {}
  if (status !== 429 && status !== 503) return {}
  const pauseSeconds =
    failure.facts['pauseSeconds'] ?? (isTransientDatabaseError(failure) ? DATABASE_RETRY_AFTER_SECONDS : null)
  return typeof pauseSeconds === 'number' ? { 'retry-after': String(pauseSeconds) } : {}
}
