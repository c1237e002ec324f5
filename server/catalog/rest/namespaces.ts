import 'server-only'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { AppError } from '@/lib/errors'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { requireNewName } from '@/lib/names/new-name'
import { enforcePropertyLimits, enforceUpdateLimits } from '@/lib/iceberg/commit/size-limits'
import type { ListNamespacesOptions } from '../port/catalog-lists'
import type { CatalogWrite, NamespaceChange, WriteOptions } from '../port/catalog-write'
import type { PendingRequest } from './pending-request'
import type { RestDeps } from './rest-deps'
import { ENDPOINTS } from './http/endpoints'
import { fetchAllPages } from './pages'
import { isAddressable, isRequestable, namespaceInQuery } from './http/paths'
import { readWriteResponse, callEndpoint, type ReadOptions, type RestSession, readResponse } from './http/session'
import type { Json } from '@/lib/iceberg/json/json'

export async function listNamespaces(
  session: RestSession,
  parent: Namespace | null,
  { onUnaddressable, includesUnshown = false, ...options }: ListNamespacesOptions & ReadOptions = {},
): Promise<Namespace[]> {
  const parentLevels = parent ?? []
  const config = await session.config(options)
  const query = parent === null ? {} : { parent: namespaceInQuery(parent, config) }
  const allLevels = await fetchAllPages(
    session,
    ENDPOINTS.listNamespaces,
    { ...options, query, list: 'namespaces' },
    readLevels,
  )
  // Catalogs without nesting ignore the parent, so every namespace would seem to contain itself.
  const children = allLevels.filter(
    (levels) => levels.length === parentLevels.length + 1 && parentLevels.every((level, i) => level === levels[i]),
  )
  const sorted = sortUniqueByName(children, (levels) => levels.at(-1) ?? '')
  const { shown = [], leftOut = [] } = Object.groupBy(sorted, (levels) =>
    isAddressable(levels, config) ? 'shown' : 'leftOut',
  )
  if (!includesUnshown) {
    if (leftOut.length > 0) onUnaddressable?.(leftOut)
    return shown
  }
  const understood: Namespace[] = []
  for (const namespace of leftOut) {
    if (isRequestable(namespace, config) && (await isUnderstood(session, namespace, options)))
      understood.push(namespace)
    else onUnaddressable?.([namespace])
  }
  return [...shown, ...understood]
}

/** Whether the catalog reads exactly these levels in a request. Some drop an empty one, and mean the namespace around it. */
async function isUnderstood(session: RestSession, namespace: Namespace, options: ReadOptions): Promise<boolean> {
  try {
    const { json } = await callEndpoint(session, ENDPOINTS.loadNamespace, {
      ...options,
      names: { namespace },
      purpose: 'read',
    })
    const levels = readResponse('its namespace has an unexpected form', () => {
      const fields = new JsonFields(json, '')
      return readLevels({ json: fields.json('namespace'), path: 'namespace' })
    })
    return levels.length === namespace.length && levels.every((level, i) => level === namespace[i])
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return false
    throw error
  }
}

export async function loadNamespace(
  session: RestSession,
  namespace: Namespace,
  options: ReadOptions = {},
): Promise<{ namespace: Namespace; properties: Record<string, string> }> {
  const { json } = await callEndpoint(session, ENDPOINTS.loadNamespace, {
    ...options,
    names: { namespace },
    purpose: 'read',
  })
  const properties = readResponse('its namespace has an unexpected form', () =>
    new JsonFields(json, '').textMap('properties'),
  )
  return { namespace, properties }
}

export async function createNamespace(
  { session }: RestDeps,
  { namespace, properties }: CatalogWrite<'create-namespace'>,
  { signal, alongside, plan }: WriteOptions<'create-namespace'>,
  request: PendingRequest,
): Promise<void> {
  enforcePropertyLimits(properties)
  for (const level of namespace) requireNewName('namespace', level)
  // Otherwise a lost response would look like a namespace that was there before.
  if (plan && (await exists(session, namespace, signal))) {
    throw new AppError('already-exists', `Namespace already exists: ${namespaceLabel(namespace)}`)
  }
  await request.store({ kind: 'namespace', namespace, before: null, after: properties })
  await callEndpoint(session, ENDPOINTS.createNamespace, {
    body: { namespace, properties },
    purpose: 'create',
    ...(signal && { signal }),
  })
  await request.record(() => alongside?.({ namespace, before: null, after: { properties } }))
}

export async function updateNamespace(
  { session }: RestDeps,
  { namespace, updates, removals }: CatalogWrite<'update-namespace'>,
  { signal, alongside, plan }: WriteOptions<'update-namespace'>,
  request: PendingRequest,
): Promise<{ updated: string[]; removed: string[]; missing: string[] }> {
  const options = { ...(signal && { signal }) }
  const before = alongside || plan ? await loadNamespace(session, namespace, options) : null
  const changes = [{ action: 'remove-properties', removals } as const, { action: 'set-properties', updates } as const]
  enforceUpdateLimits(changes, before)
  const change = before && toNamespaceChange(namespace, before, { updates, removals })
  if (change) {
    const [from, to] = [change.before?.properties ?? null, change.after?.properties ?? null]
    await request.store({ kind: 'namespace', namespace, before: from, after: to })
  }
  const { json } = await callEndpoint(session, ENDPOINTS.updateProperties, {
    ...options,
    names: { namespace },
    body: { removals, updates },
    purpose: 'change',
  })
  const changed = readWriteResponse(() => {
    const response = new JsonFields(json, '')
    return {
      updated: response.texts('updated'),
      removed: response.texts('removed'),
      missing: response.texts('missing'),
    }
  })
  await request.record(() => change && alongside?.(change))
  return changed
}

export async function dropNamespace(
  { session }: RestDeps,
  { namespace }: CatalogWrite<'drop-namespace'>,
  { signal, alongside, plan }: WriteOptions<'drop-namespace'>,
  request: PendingRequest,
): Promise<void> {
  const options = { ...(signal && { signal }) }
  const before = alongside || plan ? await loadNamespace(session, namespace, options) : null
  if (before) await request.store({ kind: 'namespace', namespace, before: before.properties, after: null })
  await callEndpoint(session, ENDPOINTS.dropNamespace, {
    ...options,
    names: { namespace },
    purpose: 'drop-namespace',
  })
  await request.record(() => before && alongside?.({ namespace, before, after: null }))
}

/** Sorts by name and removes duplicates: a list that changes while it is paged may repeat names. */
export function sortUniqueByName<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const byName = new Map(items.map((item) => [nameOf(item), item]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}

function toNamespaceChange(
  namespace: Namespace,
  before: { properties: Readonly<Record<string, string>> },
  { updates, removals }: { updates: Readonly<Record<string, string>>; removals: readonly string[] },
): NamespaceChange {
  const remaining = Object.entries(before.properties).filter(([key]) => !removals.includes(key))
  return { namespace, before, after: { properties: { ...Object.fromEntries(remaining), ...updates } } }
}

function readLevels({ json, path }: { json: Json; path: string }): string[] {
  if (!Array.isArray(json) || !json.every((level) => typeof level === 'string')) throw new TypeError(path)
  return json
}

async function exists(session: RestSession, namespace: Namespace, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await loadNamespace(session, namespace, { ...(signal && { signal }) })
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return false
    throw error
  }
}
