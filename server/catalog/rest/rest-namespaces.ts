import 'server-only'
import { JsonFields } from '@/lib/iceberg/json-fields'
import type { Namespace } from '@/lib/iceberg/identifiers'
import { requirePropertiesFit, requireUpdatesFit } from '@/lib/iceberg/size-limits'
import type { Json } from '@/lib/iceberg/types'
import type { AskedForNamespaces, NamespaceChange, NamespaceOptions } from '../catalog-client'
import { written } from './rest-alongside'
import { ENDPOINTS } from './rest-endpoints'
import { everyPage } from './rest-pages'
import { canBeAskedFor, namespaceInQuery } from './rest-paths'
import { afterWrite, ask, type Reading, type RestSession, readAnswer } from './rest-session'

export async function listNamespaces(
  session: RestSession,
  parent: Namespace | null,
  { onLeftOut, ...asked }: AskedForNamespaces & Reading = {},
): Promise<Namespace[]> {
  const above = parent ?? []
  const config = await session.config(asked)
  const query = parent === null ? {} : { parent: namespaceInQuery(parent, config) }
  const found = await everyPage(session, ENDPOINTS.listNamespaces, { ...asked, query, list: 'namespaces' }, levelsOf)
  // Catalogs without nesting ignore the parent and would seem to hold themselves.
  const children = found.filter(
    (levels) => levels.length === above.length + 1 && above.every((level, i) => level === levels[i]),
  )
  const inOrder = inNameOrder(children, (levels) => levels.at(-1) ?? '')
  const { shown = [], leftOut = [] } = Object.groupBy(inOrder, (levels) =>
    canBeAskedFor(levels, config) ? 'shown' : 'leftOut',
  )
  if (leftOut.length > 0) onLeftOut?.(leftOut)
  return shown
}

export async function loadNamespace(
  session: RestSession,
  namespace: Namespace,
  asked: Reading = {},
): Promise<{ namespace: Namespace; properties: Record<string, string> }> {
  const { json } = await ask(session, ENDPOINTS.loadNamespace, { ...asked, names: { namespace }, purpose: 'read' })
  const properties = readAnswer('its namespace has another form', () => new JsonFields(json, '').textMap('properties'))
  return { namespace, properties }
}

export async function createNamespace(
  session: RestSession,
  namespace: Namespace,
  properties: Record<string, string>,
  { signal, alongside }: NamespaceOptions = {},
): Promise<void> {
  requirePropertiesFit(properties)
  await ask(session, ENDPOINTS.createNamespace, {
    body: { namespace, properties },
    purpose: 'create',
    ...(signal && { signal }),
  })
  await written(session, () => alongside?.({ namespace, before: null, after: { properties } }))
}

export async function updateNamespace(
  session: RestSession,
  namespace: Namespace,
  { updates, removals }: { updates: Readonly<Record<string, string>>; removals: readonly string[] },
  { alongside, ...asked }: NamespaceOptions = {},
): Promise<{ updated: string[]; removed: string[]; missing: string[] }> {
  const before = alongside ? await loadNamespace(session, namespace, asked) : null
  const changes = [{ action: 'remove-properties', removals } as const, { action: 'set-properties', updates } as const]
  requireUpdatesFit(changes, before)
  const { json } = await ask(session, ENDPOINTS.updateProperties, {
    ...asked,
    names: { namespace },
    body: { removals, updates },
    purpose: 'change',
  })
  const changed = afterWrite(() => {
    const answer = new JsonFields(json, '')
    return { updated: answer.texts('updated'), removed: answer.texts('removed'), missing: answer.texts('missing') }
  })
  await written(session, () => before && alongside?.(changeOf(namespace, before, { updates, removals })))
  return changed
}

export async function dropNamespace(
  session: RestSession,
  namespace: Namespace,
  { alongside, ...asked }: NamespaceOptions = {},
): Promise<void> {
  const before = alongside ? await loadNamespace(session, namespace, asked) : null
  await ask(session, ENDPOINTS.dropNamespace, { ...asked, names: { namespace }, purpose: 'drop-namespace' })
  await written(session, () => before && alongside?.({ namespace, before, after: null }))
}

/** Twice the same name is one: lists that change while they are paged repeat some. */
export function inNameOrder<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const byName = new Map(items.map((item) => [nameOf(item), item]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}

function changeOf(
  namespace: Namespace,
  before: { properties: Readonly<Record<string, string>> },
  { updates, removals }: { updates: Readonly<Record<string, string>>; removals: readonly string[] },
): NamespaceChange {
  const kept = Object.entries(before.properties).filter(([key]) => !removals.includes(key))
  return { namespace, before, after: { properties: { ...Object.fromEntries(kept), ...updates } } }
}

function levelsOf({ json, where }: { json: Json; where: string }): string[] {
  if (!Array.isArray(json) || !json.every((level) => typeof level === 'string')) throw new TypeError(where)
  return json
}
