import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { isWrite, type RestPurpose } from './request'
import type { Json } from '@/lib/iceberg/json/json'

/**
 * Translates a catalog's refusal into our error codes. Its message is foreign text: it is shortened, control characters
 * are removed, and credentials in it are replaced.
 *
 * Spec: REST `open-api`, schema `ErrorModel`; Java's `ErrorHandlers`.
 */

const MAX_MESSAGE_CHARS = 500

/** A map and not an object, because a catalog may send any type, even `constructor`. */
const CODE_BY_TYPE: ReadonlyMap<string, ErrorCode> = new Map([
  ['NoSuchNamespaceException', 'not-found'],
  ['NoSuchTableException', 'not-found'],
  ['NoSuchViewException', 'not-found'],
  ['NoSuchIcebergTableException', 'not-found'],
  ['NoSuchWarehouseException', 'not-found'],
  // Iceberg uses this type for a missing file, unlike the ones above.
  ['NotFoundException', 'file-missing'],
  ['AlreadyExistsException', 'already-exists'],
  ['NamespaceNotEmptyException', 'namespace-not-empty'],
  ['CommitFailedException', 'commit-conflict'],
])

const CONFLICT_CODE_BY_PURPOSE: Readonly<Record<RestPurpose, ErrorCode>> = {
  config: 'catalog-unavailable',
  read: 'catalog-unavailable',
  create: 'already-exists',
  change: 'commit-conflict',
  commit: 'commit-conflict',
  'drop-namespace': 'namespace-not-empty',
  drop: 'commit-conflict',
}

/** Replaces the body of a refusal that is too large to read. */
export function unreadErrorBody(status: number, maxBytes: number): Json {
  return {
    error: {
      message: `The catalog answered ${status} with more than ${formatBytes(maxBytes)}, which Lakeshore did not read.`,
    },
  }
}

/**
 * @param options.secrets that are removed from its message
 * @param options.retryAfterMs when the catalog permits the next request, a fact of the error; null: it does not say
 */
export function toAppError(
  status: number,
  json: Json,
  purpose: RestPurpose,
  { secrets, retryAfterMs }: { secrets: readonly string[]; retryAfterMs: number | null },
): AppError {
  const { type, message } = readErrorModel(json, secrets)
  const facts = { status, type, ...(retryAfterMs !== null && { retryAfterMs }) }
  if (status === 401 || status === 419) {
    return new AppError('catalog-refused', `The catalog rejected the connection's credentials (${status}).`, { facts })
  }
  if (status === 403) {
    return new AppError(
      'forbidden',
      `The catalog does not permit this with the connection's credentials: ${message ?? '403'}`,
      { facts },
    )
  }
  if (status >= 500 && status !== 501 && isWrite(purpose)) return outcomeUnknownError({ facts })
  return new AppError(toErrorCode(status, type, purpose), message ?? `The catalog answered ${status}.`, { facts })
}

/** For a write that was sent but got no response, or a response that does not tell the outcome. */
export function outcomeUnknownError(options: {
  cause?: unknown
  facts?: Record<string, string | number | null>
}): AppError {
  return new AppError(
    'commit-state-unknown',
    'The catalog did not report whether the change was made. No files were removed; check the outcome before you try again.',
    options,
  )
}

/** The cause of a refusal that does not settle the outcome. */
class EarlierAttemptUnanswered extends Error {
  override readonly name = 'EarlierAttemptUnanswered'
}

/** The refusal of a retried write, when an earlier attempt got no response and may have arrived. */
export function rejectedAfterLostAttemptError({ code, message, facts }: AppError): AppError {
  const cause = new EarlierAttemptUnanswered('An earlier attempt of the same request got no response.')
  return new AppError(code, message, { cause, facts: { ...facts } })
}

export function isAfterLostAttempt({ cause }: AppError): boolean {
  return cause instanceof EarlierAttemptUnanswered
}

/** A response that does not follow the specification. */
export function malformedResponseError(what: string, cause?: unknown): AppError {
  return new AppError('catalog-unavailable', `This is not a response of an Iceberg REST catalog: ${what}.`, { cause })
}

function toErrorCode(status: number, type: string | null, purpose: RestPurpose): ErrorCode {
  const known = type === null ? undefined : CODE_BY_TYPE.get(type)
  if (status === 404)
    return purpose === 'config' && known === undefined ? 'catalog-unavailable' : (known ?? 'not-found')
  if (status === 409) return known ?? CONFLICT_CODE_BY_PURPOSE[purpose]
  if (status === 405 || status === 406 || status === 501) return 'not-supported'
  if (status === 413) return 'too-large'
  if (status === 422) return known ?? 'unprocessable-request'
  if (status === 400) return known ?? 'invalid-request'
  return 'catalog-unavailable'
}

function readErrorModel(json: Json, secrets: readonly string[]): { type: string | null; message: string | null } {
  const error = isJsonObject(json) && Object.hasOwn(json, 'error') ? json['error'] : null
  if (!isJsonObject(error)) return { type: null, message: null }
  const { type, message } = error
  return {
    // Some servers send the full class name.
    type: typeof type === 'string' ? sanitizeMessage(type, secrets).replace(/^.*[.$]/, '') : null,
    message: typeof message === 'string' && message.trim() !== '' ? sanitizeMessage(message, secrets) : null,
  }
}

function sanitizeMessage(text: string, secrets: readonly string[]): string {
  const sanitized = secrets
    .reduce((redacted, secret) => redacted.replaceAll(secret, '[redacted]'), text)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
  return sanitized.length > MAX_MESSAGE_CHARS ? `${sanitized.slice(0, MAX_MESSAGE_CHARS)}…` : sanitized
}
