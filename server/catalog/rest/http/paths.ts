import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace } from '@/lib/names/identifiers'
import { nameLimitProblem } from '@/lib/names/name-limits'
import type { RestConfig } from './config'
import type { Endpoint } from './endpoints'

/** The names that replace the placeholders in an endpoint's path. */
export type PathNames = { namespace?: Namespace; table?: string; view?: string }

/** @throws {AppError} invalid-request for a name that cannot be part of a path */
export function endpointPath(endpoint: Endpoint, names: PathNames, { prefix, separator }: RestConfig): string {
  const path = endpoint.slice(endpoint.indexOf('/'))
  return path
    .replace('/{prefix}', prefix === '' ? '' : `/${prefix}`)
    .replace('{namespace}', () => requireSafeSegment(joinLevels(names.namespace ?? [], separator)))
    .replace('{table}', () => requireSafeSegment(encodeName(names.table ?? '')))
    .replace('{view}', () => requireSafeSegment(encodeName(names.view ?? '')))
}

/** The separator of namespace levels in our own URLs. */
const OWN_SEPARATOR = '\u001f'

/**
 * Whether a URL can name this namespace, in requests to its catalog and to us. Catalogs list some that no URL can name.
 */
export function isAddressable(namespace: Namespace, config: RestConfig): boolean {
  if (nameLimitProblem({ namespace }) !== null) return false
  return isRequestable(namespace, config) && !namespace.some((level) => level === '' || level.includes(OWN_SEPARATOR))
}

/** Whether a request to its catalog can name this namespace. */
export function isRequestable(namespace: Namespace, config: RestConfig): boolean {
  try {
    endpointPath('GET /v1/{prefix}/namespaces/{namespace}', { namespace }, config)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request') return false
    throw error
  }
}

/** A namespace as a query value: its levels joined with the separator, not yet percent-encoded. */
export function namespaceInQuery(namespace: Namespace, { separator }: RestConfig): string {
  return decodeURIComponent(joinLevels(namespace, separator))
}

function joinLevels(namespace: Namespace, separator: string): string {
  const decoded = decodeURIComponent(separator)
  if (namespace.length === 0) throw new AppError('invalid-request', 'A namespace has at least one level.')
  if (namespace.some((level) => level.includes(decoded))) {
    throw new AppError(
      'invalid-request',
      `This catalog joins the levels of a namespace with ${JSON.stringify(decoded)}, so no level can contain it.`,
    )
  }
  // A level can be empty next to others, as some catalogs make `a..b` of three levels.
  if (namespace.length === 1 && namespace[0] === '') throw emptyNameError()
  return namespace.map(encodeLevel).join(separator)
}

function encodeName(name: string): string {
  if (name === '') throw emptyNameError()
  return encodeLevel(name)
}

function emptyNameError(): AppError {
  return new AppError('invalid-request', 'A name is empty.')
}

function encodeLevel(name: string): string {
  if (!name.isWellFormed()) throw new AppError('invalid-request', 'A name is not valid Unicode.')
  return encodeURIComponent(name)
}

/** A segment of one or two dots would be read as a relative path, even when it is percent-encoded, as a separator is. */
function requireSafeSegment(encoded: string): string {
  if (/^(?:\.|%2e){1,2}$/i.test(encoded)) {
    throw new AppError(
      'invalid-request',
      `A REST catalog cannot address the name ${JSON.stringify(decodeURIComponent(encoded))}: it is a relative path.`,
    )
  }
  return encoded
}
