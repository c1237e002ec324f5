import 'server-only'
import type { RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { networkErrorCode } from '@/server/catalog/rest/http/exchange-with-limits'
import { explainRefusedLocation, type TestedAccess } from './explain-refused-location'
import { explainTlsError } from './probe-server'

/** Explains a failed connection test: which step the failure belongs to, and what to do. */

/** Which step a catalog's error belongs to, with advice. */
export function explainRefusal(
  { code, message: originalMessage, facts }: AppError,
  { auth, warehouse, uri }: RestConnection,
  request: 'config' | 'names',
) {
  const message = toSentence(originalMessage)
  const status = typeof facts['status'] === 'number' ? facts['status'] : null
  if (code === 'catalog-refused') {
    const advice =
      auth.kind === 'none'
        ? 'The catalog requires credentials: choose an authentication.'
        : 'Check the credentials, and the scope and audience if they are set.'
    return { step: 'login' as const, detail: `${message} ${advice}` }
  }
  if (code === 'catalog-unavailable' && message.startsWith('The token server')) {
    return { step: 'login' as const, detail: `${message} Check the token URL.` }
  }
  // The client sent nothing, because the entered text cannot be a header value.
  if (code === 'invalid-request' && status === null) {
    return { step: 'login' as const, detail: `${message} Enter it again, without characters around it.` }
  }
  if (code === 'forbidden') {
    return { step: 'warehouse' as const, detail: `${message} Grant these credentials the right to list namespaces.` }
  }
  // Nessie answers 500 for a warehouse it does not know.
  const isFailure = code === 'catalog-unavailable' && status === 500 && warehouse !== null
  if (code === 'not-found' || code === 'invalid-request' || isFailure) {
    const advice =
      warehouse === null
        ? 'Many catalogs require the name of a warehouse.'
        : `Check that the catalog has a warehouse named ${warehouse}.`
    return { step: 'warehouse' as const, detail: `${message} ${advice}` }
  }
  if (status !== null && status >= 500) {
    return {
      step: 'warehouse' as const,
      detail: `${message} The server itself failed (${status}). Try again later.`,
    }
  }
  if (request === 'names') return { step: 'warehouse' as const, detail: message }
  const advice = `Is this an Iceberg REST catalog, with the right scheme and port? Lakeshore requests /v1/config at ${uri}.`
  return { step: 'address' as const, detail: `${message} ${advice}` }
}

/** A catalog's message often lacks a full stop, and more sentences follow here. */
function toSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

/** Whether the catalog failed, and not the storage. */
export function isCatalogFailure({ code, facts }: AppError): boolean {
  return code === 'catalog-unavailable' || code === 'catalog-refused' || typeof facts['status'] === 'number'
}

/** The error for a refused endpoint already contains advice. Advice names only fields that the form has. */
export function explainStorageFailure(error: AppError, access: TestedAccess): string {
  const {
    code,
    message,
    facts: { location, endpoint },
  } = error
  if (typeof endpoint === 'string') return message
  const refused = explainRefusedLocation(error, access)
  if (refused !== null) return refused
  const detail = typeof location === 'string' ? `${message.replace(/\.$/, '')} (${location}).` : message
  // The storage returned the file, so only its content is at fault.
  if (code === 'file-damaged' || code === 'not-supported') return detail
  const tlsAdvice = explainTlsError(networkErrorCode(rootCause(error)))
  if (tlsAdvice !== null) return `${detail} ${tlsAdvice}`
  if (access.settings.storage === null)
    return `${detail} Check the access to files that the catalog gives, or choose a storage of the connection.`
  const advice =
    code === 'forbidden' || code === 'location-refused'
      ? 'Check the credentials and the allowed locations of the storage, or add a mapping to where the files are.'
      : 'Check the storage, its credentials and the path mappings.'
  return `${detail} ${advice}`
}

/** The innermost cause, because the codes of our own errors are not network codes. */
function rootCause(error: AppError): unknown {
  let cause: unknown = error
  while (cause instanceof AppError) cause = cause.cause
  return cause
}
