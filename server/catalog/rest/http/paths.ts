import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace } from '@/lib/iceberg/identifiers'
import type { RestConfig } from './config'
import type { Endpoint } from './endpoints'

/** What is filled into the path of an endpoint. */
export type PathNames = { namespace?: Namespace; table?: string; view?: string }

/** @throws {AppError} invalid-request for a name that no path can hold */
export function endpointPath(endpoint: Endpoint, names: PathNames, { prefix, separator }: RestConfig): string {
  const path = endpoint.slice(endpoint.indexOf('/'))
  return path
    .replace('/{prefix}', prefix === '' ? '' : `/${prefix}`)
    .replace('{namespace}', () => requireSafeSegment(joinLevels(names.namespace ?? [], separator)))
    .replace('{table}', () => requireSafeSegment(encodeName(names.table ?? '')))
    .replace('{view}', () => requireSafeSegment(encodeName(names.view ?? '')))
}

/** The joint of a namespace's levels in our own addresses. */
const OWN_SEPARATOR = '\u001f'

/** Whether a namespace can be asked for by its name, of its catalog and of us. Catalogs list some that cannot. */
export function isAddressable(namespace: Namespace, config: RestConfig): boolean {
  try {
    endpointPath('GET /v1/{prefix}/namespaces/{namespace}', { namespace }, config)
    return !namespace.some((level) => level.includes(OWN_SEPARATOR))
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-request') return false
    throw error
  }
}

/** For the query: the levels with the separator itself between them, not yet percent-encoded. */
export function namespaceInQuery(namespace: Namespace, { separator }: RestConfig): string {
  return decodeURIComponent(joinLevels(namespace, separator))
}

function joinLevels(namespace: Namespace, separator: string): string {
  const decoded = decodeURIComponent(separator)
  if (namespace.length === 0) throw new AppError('invalid-request', 'A namespace has at least one level.')
  if (namespace.some((level) => level.includes(decoded))) {
    throw new AppError(
      'invalid-request',
      `This catalog joins the levels of a namespace with ${JSON.stringify(decoded)}, so no level can hold it.`,
    )
  }
  return namespace.map(encodeName).join(separator)
}

function encodeName(name: string): string {
  if (name === '') throw new AppError('invalid-request', 'A name is empty.')
  if (!name.isWellFormed()) throw new AppError('invalid-request', 'A name is not valid Unicode.')
  return encodeURIComponent(name)
}

/** A segment of one or two dots would be taken for a folder, also when it is percent-encoded. */
function requireSafeSegment(encoded: string): string {
  if (encoded === '.' || encoded === '..') {
    throw new AppError(
      'invalid-request',
      `${JSON.stringify(encoded)} cannot be asked of a REST catalog: it means a folder.`,
    )
  }
  return encoded
}
