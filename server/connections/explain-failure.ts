import 'server-only'
import type { RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { networkErrorCode } from '@/server/catalog/rest/http/exchange-with-limits'
import { explainTlsError } from './probe-server'

/** What failures mean for whoever tests a connection: which step they are about, and what to do. */

/** Which step a catalog's refusal is about. */
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
        ? 'It wants a login: choose one.'
        : 'Look at the credentials, and at scope and audience where there are some.'
    return { step: 'login' as const, detail: `${message} ${advice}` }
  }
  if (code === 'catalog-unavailable' && message.startsWith('The token server')) {
    return { step: 'login' as const, detail: `${message} Look at the token address.` }
  }
  // Nothing was sent: a header cannot be made of what was typed.
  if (code === 'invalid-request' && status === null) {
    return { step: 'login' as const, detail: `${message} Type it again, or copy it without what stands around it.` }
  }
  if (code === 'forbidden') {
    return { step: 'warehouse' as const, detail: `${message} Grant this login the right to list namespaces.` }
  }
  // Nessie fails at a warehouse it does not know.
  const isFailure = code === 'catalog-unavailable' && status === 500 && warehouse !== null
  if (code === 'not-found' || code === 'invalid-request' || isFailure) {
    const advice =
      warehouse === null ? 'Many catalogs want a warehouse to be named.' : `Is ${warehouse} its name there?`
    return { step: 'warehouse' as const, detail: `${message} ${advice}` }
  }
  if (status !== null && status >= 500) {
    return {
      step: 'warehouse' as const,
      detail: `${message} This is the server's own failure (${status}): try again later.`,
    }
  }
  if (request === 'names') return { step: 'warehouse' as const, detail: message }
  const advice = `Is this an Iceberg REST catalog, with the right scheme and port? /v1/config is asked for at ${uri}.`
  return { step: 'address' as const, detail: `${message} ${advice}` }
}

/** A catalog's words often end without a full stop, and more follow here. */
function toSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

/** Whether it was the catalog that failed, and not the storage. */
export function isCatalogFailure({ code, facts }: AppError): boolean {
  return code === 'catalog-unavailable' || code === 'catalog-refused' || typeof facts['status'] === 'number'
}

/** A refused endpoint says itself what to do. */
export function explainStorageFailure(error: AppError): string {
  const {
    code,
    message,
    facts: { location, endpoint },
  } = error
  if (typeof endpoint === 'string') return message
  const locationNote = typeof location === 'string' ? ` (${location})` : ''
  // The storage gave the file; what is in it is another matter.
  if (code === 'file-damaged' || code === 'not-supported') return `${message}${locationNote}`
  const tlsAdvice = explainTlsError(networkErrorCode(rootCause(error)))
  if (tlsAdvice !== null) return `${message}${locationNote} ${tlsAdvice}`
  const advice =
    code === 'forbidden' || code === 'location-refused'
      ? 'Look at the credentials and at the roots of the storage, or add a mapping to where the files are.'
      : 'Look at the storage, its credentials and the mappings.'
  return `${message}${locationNote} ${advice}`
}

/** What our words were put around: their codes are not those of the network. */
function rootCause(error: AppError): unknown {
  let cause: unknown = error
  while (cause instanceof AppError) cause = cause.cause
  return cause
}
