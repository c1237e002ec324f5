import { namespaceLabel, splitNamespace } from '@/lib/names/identifiers'
import type { Resource } from '@/lib/permissions'

/** A resource as responses have it. */
export type ResourceFields = {
  catalog?: string | undefined
  namespace?: readonly string[] | undefined
  table?: string | undefined
}

export const RESOURCE_KINDS = ['everything', 'catalog', 'namespace', 'table'] as const
/** The kind of resource that a grant is on. A view counts as a table: both share the names of a namespace. */
export type ResourceKind = (typeof RESOURCE_KINDS)[number]

export function resourceKind({ catalog, namespace, table }: ResourceFields): ResourceKind {
  if (catalog === undefined) return 'everything'
  if (namespace === undefined) return 'catalog'
  return table === undefined ? 'namespace' : 'table'
}

/** For display only; {@link parseResource} reads what people type. */
export function resourceLabel({ catalog, namespace, table }: ResourceFields): string {
  if (catalog === undefined) return 'everything'
  return [catalog, ...(namespace ? [namespaceLabel(namespace)] : []), ...(table === undefined ? [] : [table])].join('.')
}

/**
 * A resource as people type it, with dots between its levels. A level that has a dot itself cannot be typed: it is
 * chosen from a list.
 *
 * @returns null while the text does not name a resource of this kind
 */
export function parseResource(text: string, kind: ResourceKind): Resource | null {
  if (kind === 'everything') return {}
  const levels = text.trim().split('.')
  const [catalog = '', ...rest] = levels
  if (levels.includes('')) return null
  if (kind === 'catalog') return rest.length === 0 ? { catalog } : null
  if (kind === 'namespace') return rest.length > 0 ? { catalog, namespace: rest } : null
  const table = rest.at(-1)
  return table !== undefined && rest.length > 1 ? { catalog, namespace: rest.slice(0, -1), table } : null
}

/** A resource of a response, for permissions and paths. */
export function toResource({ catalog, namespace, table }: ResourceFields): Resource {
  return {
    ...(catalog !== undefined && { catalog }),
    ...(namespace && { namespace }),
    ...(table !== undefined && { table }),
  }
}

/** A text that two resources share only if they are the same. */
export function resourceKey({ catalog, namespace, table }: ResourceFields): string {
  return JSON.stringify([catalog, namespace, table])
}

/** The resource that `paths.accessTo` put into an address. A part without its parents is ignored. */
export function resourceFromQuery(params: Pick<URLSearchParams, 'get'>): Resource {
  const [catalog, namespace, table] = ['catalog', 'namespace', 'table'].map((name) => params.get(name) || null)
  if (!catalog) return {}
  if (!namespace) return { catalog }
  return { catalog, namespace: splitNamespace(namespace), ...(table && { table }) }
}
