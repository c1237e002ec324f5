import 'server-only'
import type { AppError, ErrorCode } from '@/lib/errors'
import { toAppError } from '@/server/http/to-app-error'
import type { Log } from '@/server/log'
import { RestReply } from './rest-reply'

/**
 * Errors in the specification's form: a status, and a type that clients turn back into an exception.
 *
 * Spec: REST `open-api`, schema `IcebergErrorResponse`; types as Java's `ErrorHandlers` reads them.
 */

export type ErrorContext = {
  requestId: string
  operation: string
  userId: string | null
  isWrite: boolean
  /** Whether the request could be parsed. If so, an invalid request has wrong content, not a wrong form. */
  isParsed: boolean
  signal?: AbortSignal
}
type IcebergError = { status: number; type: string }

const ERRORS_BY_CODE: Partial<Record<ErrorCode, IcebergError>> = {
  'invalid-request': { status: 400, type: 'BadRequestException' },
  unauthenticated: { status: 401, type: 'NotAuthorizedException' },
  'wrong-credentials': { status: 401, type: 'NotAuthorizedException' },
  forbidden: { status: 403, type: 'ForbiddenException' },
  'location-refused': { status: 403, type: 'ForbiddenException' },
  'format-unsupported': { status: 406, type: 'UnsupportedOperationException' },
  'read-restricted': { status: 403, type: 'ForbiddenException' },
  'credentials-required': { status: 403, type: 'ForbiddenException' },
  'file-missing': { status: 404, type: 'NotFoundException' },
  'method-not-allowed': { status: 405, type: 'UnsupportedOperationException' },
  'not-supported': { status: 406, type: 'UnsupportedOperationException' },
  'already-exists': { status: 409, type: 'AlreadyExistsException' },
  'commit-conflict': { status: 409, type: 'CommitFailedException' },
  'namespace-not-empty': { status: 409, type: 'NamespaceNotEmptyException' },
  'too-large': { status: 413, type: 'BadRequestException' },
  'unprocessable-request': { status: 422, type: 'UnprocessableEntityException' },
  'file-damaged': { status: 422, type: 'UnprocessableEntityException' },
  'table-busy': { status: 429, type: 'TooManyRequestsException' },
  'database-busy': { status: 429, type: 'TooManyRequestsException' },
  'too-many-requests': { status: 429, type: 'TooManyRequestsException' },
  cancelled: { status: 499, type: 'CancelledException' },
  'commit-state-unknown': { status: 500, type: 'CommitStateUnknownException' },
  'storage-full': { status: 507, type: 'ServiceFailureException' },
}

/** Errors of a service that a write needs before it changes anything. */
const UNAVAILABLE_CODES: ReadonlySet<ErrorCode> = new Set([
  'catalog-unavailable',
  'database-damaged',
  'database-replaced',
  'database-unavailable',
  'identity-provider-unavailable',
  'storage-unavailable',
])

const NOT_FOUND_TYPES: Record<string, string> = {
  namespace: 'NoSuchNamespaceException',
  table: 'NoSuchTableException',
  view: 'NoSuchViewException',
  warehouse: 'NoSuchWarehouseException',
  'plan-id': 'NoSuchPlanIdException',
  'plan-task': 'NoSuchPlanTaskException',
}

const RETRY_AFTER_SECONDS = 1

/**
 * The only module that turns errors of these operations into HTTP. Causes are logged with the request id and never
 * sent.
 */
export function errorReply(log: Log, error: unknown, context: ErrorContext): RestReply {
  const appError = toAppError(error, context.signal)
  const { status, type } = toIcebergError(appError, context)
  const { requestId, operation, userId } = context
  if (status >= 500)
    log.error(appError.code === 'internal' ? (appError.cause ?? appError) : appError, { requestId, operation, userId })
  else if (status === 401 || status === 403)
    log.info('refused', { requestId, operation, userId, code: appError.code, detail: appError.message })
  const pauseSeconds = appError.facts.pauseSeconds
  const retryAfter = typeof pauseSeconds === 'number' ? pauseSeconds : RETRY_AFTER_SECONDS
  const headers = {
    'content-type': 'application/json',
    ...((status === 429 || status === 503) && { 'retry-after': String(retryAfter) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  }
  return new RestReply(status, headers, [
    JSON.stringify({ error: { message: toMessage(appError), type, code: status } }),
  ])
}

/** A person who repairs a file needs its location and that of the previous version. */
function toMessage({ code, message, facts: { location, previousLocation } }: AppError): string {
  if ((code !== 'file-missing' && code !== 'file-damaged') || typeof location !== 'string') return message
  const previous = typeof previousLocation === 'string' ? ` The previous version is ${previousLocation}.` : ''
  return `${message} The file is ${location}.${previous}`
}

function toIcebergError(error: AppError, { isWrite, isParsed }: ErrorContext): IcebergError {
  // Java's clients distinguish malformed requests from invalid arguments.
  if (error.code === 'invalid-request' && isParsed) return { status: 400, type: 'IllegalArgumentException' }
  if (error.code === 'not-found') {
    return { status: 404, type: NOT_FOUND_TYPES[String(error.facts.missing)] ?? 'NotFoundException' }
  }
  // A damaged file is not the reader's mistake. A write that finds one does nothing, which a 5xx would leave open.
  if (error.code === 'file-damaged' && !isWrite) return { status: 500, type: 'ServiceFailureException' }
  // A locked database or an unreachable store changed nothing, because the row is swapped only after its file was
  // written. To a client, a 503 on a commit means that the outcome is unknown.
  if (UNAVAILABLE_CODES.has(error.code)) {
    return isWrite
      ? { status: 429, type: 'TooManyRequestsException' }
      : { status: 503, type: 'ServiceUnavailableException' }
  }
  return ERRORS_BY_CODE[error.code] ?? { status: 500, type: 'InternalServerError' }
}
