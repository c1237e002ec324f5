import 'server-only'
import pMap from 'p-map'
import {
  asTableIdentifier,
  type Namespace,
  namespaceLabel,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import { isProtected, PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import { requirePermission } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Permission } from '@/lib/permissions'
import type { LifecycleContext } from './lifecycle-context'
import { loadIfReadable, loadViewIfReadable } from '@/server/catalog/load-if-readable'
import type { NamespaceContents } from './namespace-tree'

/** A table or view as it is now. `name` is relative to the dropped namespace: `below.trips`. */
export type Entry = { name: string; metadataLocation: string | null; isProtected: boolean } & (
  | { kind: 'table'; identifier: TableIdentifier }
  | { kind: 'view'; identifier: ViewIdentifier }
)

export type NamespaceEntries = {
  namespace: Namespace
  /** Within the namespace that is dropped: `namespace below`. */
  name: string
  isProtected: boolean
  tables: readonly Entry[]
  views: readonly Entry[]
}

const CONCURRENCY = 8

/**
 * Checks everything that would be dropped with a namespace.
 *
 * @param contents the namespace itself comes first
 * @param options.permission what the user needs for each of them
 * @throws {AppError} forbidden without it
 */
export async function loadNamespaceEntries(
  catalog: CatalogClient,
  contents: readonly NamespaceContents[],
  { actor, signal, permission }: Pick<LifecycleContext, 'actor' | 'signal'> & { permission: Permission },
): Promise<NamespaceEntries[]> {
  const depth = contents[0]?.namespace.length ?? 0
  const pool = { concurrency: CONCURRENCY, signal }
  const loaded: NamespaceEntries[] = []
  for (const { namespace, tables, views } of contents) {
    const on = { catalog: catalog.name, namespace }
    requirePermission(actor, permission, on)
    const below = namespace.slice(depth)
    const nameOf = (name: string) => [...(below.length === 0 ? [] : [namespaceLabel(below)]), name].join('.')
    const loadViewEntry = async (view: string): Promise<Entry> => {
      const identifier = { ...on, view }
      requirePermission(actor, permission, asTableIdentifier(identifier))
      const found = (await loadViewIfReadable(catalog, identifier, signal)).view
      return { kind: 'view', identifier, name: nameOf(view), ...toState(found) }
    }
    const loadTableEntry = async (table: string): Promise<Entry> => {
      const identifier = { ...on, table }
      requirePermission(actor, permission, identifier)
      const found = (await loadIfReadable(catalog, identifier, signal)).table
      return { kind: 'table', identifier, name: nameOf(table), ...toState(found) }
    }
    const { properties } = await catalog.loadNamespace(namespace, { signal })
    loaded.push({
      namespace,
      name: `namespace ${namespaceLabel(below.length === 0 ? namespace : below)}`,
      isProtected: isProtected(properties),
      tables: await pMap(tables, loadTableEntry, pool),
      views: await pMap(views, loadViewEntry, pool),
    })
  }
  return loaded
}

/** Names protected entries, in sentences; null without any. */
export function protectedEntriesProblem(all: readonly NamespaceEntries[]): string | null {
  const names = all.flatMap(({ tables, views, ...namespace }) =>
    [namespace, ...views, ...tables].flatMap((one) => (one.isProtected ? [one.name] : [])),
  )
  if (names.length === 0) return null
  return `Protected: ${names.join(', ')}. Set ${PROTECTED_PROPERTY} to false or remove it first.`
}

function toState(
  found: { metadataLocation: string; metadata: { properties: Readonly<Record<string, string>> } } | null,
): { metadataLocation: string | null; isProtected: boolean } {
  return {
    metadataLocation: found?.metadataLocation ?? null,
    isProtected: found !== null && isProtected(found.metadata.properties),
  }
}
