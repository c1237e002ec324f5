import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { isWrite, type RestPurpose } from './request'
import type { Json } from '@/lib/iceberg/json/json'

/**
 * What a catalog's refusal means here. Its words are somebody else's text: shortened, without control characters,
 * and left out where they could repeat a credential.
 *
 * Spec: REST `open-api`, schema `ErrorModel`; Java's `ErrorHandlers`.
 */

const MAX_MESSAGE_LENGTH = 500

/** A map: the type is whatever the catalog writes, `constructor` too. */
const CODE_BY_TYPE: ReadonlyMap<string, ErrorCode> = new Map([
  ['NoSuchNamespaceException', 'not-found'],
  ['NoSuchTableException', 'not-found'],
  ['NoSuchViewException', 'not-found'],
  ['NoSuchIcebergTableException', 'not-found'],
  ['NoSuchWarehouseException', 'not-found'],
  // Iceberg's own name for a file that is not there, unlike the ones above.
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

/** In place of the words of a refusal that are too many. */
export function unreadErrorBody(status: number, maxBytes: number): Json {
  return {
    error: { message: `The catalog answered ${status} with more than ${formatBytes(maxBytes)}, which was not read.` },
  }
}

/** @param secrets that are taken out of its words */
export function toAppError(
  status: number,
  json: Json,
  purpose: RestPurpose,
  secrets: readonly string[] = [],
): AppError {
  const { type, message } = readErrorModel(json, secrets)
  const facts = { status, type }
  if (status === 401 || status === 419) {
    return new AppError('catalog-refused', `The catalog answered ${status} to the connection's credentials.`, { facts })
  }
  if (status === 403) {
    return new AppError('forbidden', `The catalog does not allow the connection this: ${message ?? '403'}`, { facts })
  }
  if (status >= 500 && status !== 501 && isWrite(purpose)) return outcomeUnknown({ facts })
  return new AppError(toErrorCode(status, type, purpose), message ?? `The catalog answered ${status}.`, { facts })
}

/** For a write that was sent and not answered, or answered in a way that does not say. */
export function outcomeUnknown(options: { cause?: unknown; facts?: Record<string, string | number | null> }): AppError {
  return new AppError(
    'commit-state-unknown',
    'The catalog did not say whether this happened. Nothing was removed; look before trying again.',
    options,
  )
}

/** Why a refusal is not all there is to say. */
class EarlierAttemptUnanswered extends Error {
  override readonly name = 'EarlierTryLost'
}

/** Of a write that was sent again: it was refused, after an earlier try was not answered and may have arrived. */
export function rejectedAfterLostAttempt({ code, message, facts }: AppError): AppError {
  const cause = new EarlierAttemptUnanswered('An earlier try of the same request was not answered.')
  return new AppError(code, message, { cause, facts: { ...facts } })
}

export function isAfterLostAttempt({ cause }: AppError): boolean {
  return cause instanceof EarlierAttemptUnanswered
}

/** An answer that is not as the specification says. */
export function malformedResponse(what: string, cause?: unknown): AppError {
  return new AppError('catalog-unavailable', `This is not the answer of an Iceberg REST catalog: ${what}.`, { cause })
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
    // Some servers give the whole name of the class.
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
  return sanitized.length > MAX_MESSAGE_LENGTH ? `${sanitized.slice(0, MAX_MESSAGE_LENGTH)}…` : sanitized
}
