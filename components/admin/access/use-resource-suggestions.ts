'use client'
import { useQuery } from '@tanstack/react-query'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useEntryNames } from '@/components/shell/use-entry-names'
import { useKnownNamespaces } from '@/components/shell/use-known-namespaces'
import { parseResource, type ResourceKind, resourceKind, resourceLabel } from '@/lib/names/resource-name'
import type { Resource } from '@/lib/permissions'

/**
 * Completions of the typed text: catalogs first; after `lake.` the namespaces of that catalog, after `lake.finance.`
 * the contents of the namespace. Lists are read when the text gets there, only while `isRequested`.
 *
 * @param kind null: of any kind
 */
export function useResourceSuggestions(
  text: string,
  kind: ResourceKind | null,
  isRequested: boolean,
): { suggestions: readonly Resource[]; error: Error | null } {
  const catalogs = useQuery({ ...catalogsQuery(), enabled: isRequested })
  const parentText = text.includes('.') ? text.slice(0, text.lastIndexOf('.')) : ''
  const parent = parseResource(parentText, parentText.includes('.') ? 'namespace' : 'catalog')
  const catalog = catalogs.data?.find(({ name }) => name === parent?.catalog)?.name
  const namespace = parent?.namespace
  const isInCatalog = isRequested && catalog !== undefined && kind !== 'catalog' && kind !== 'everything'
  const hasTables = isInCatalog && namespace !== undefined && kind !== 'namespace'
  const typed = text.slice(text.lastIndexOf('.') + 1)
  const on = { catalog: catalog ?? '', namespace: namespace ?? [] }
  const namespaces = useKnownNamespaces(
    { catalog: on.catalog, parent: namespace ?? null },
    { typed, enabled: isInCatalog },
  )
  const tables = useEntryNames('table', on, { typed, enabled: hasTables })
  const views = useEntryNames('view', on, { typed, enabled: hasTables })
  const offered: Resource[] = isInCatalog
    ? [
        ...namespaces.namespaces.map((child) => ({ catalog, namespace: child })),
        ...[...tables.names, ...views.names].map((table) => ({
          catalog,
          namespace: namespace ?? [],
          table,
        })),
      ]
    : (catalogs.data ?? []).map(({ name }) => ({ catalog: name }))
  const isOpen = isInCatalog ? namespaces : catalogs
  return {
    // The field cuts its list after it has filtered it: a name that is left out here could not be chosen.
    suggestions: offered,
    error: isOpen.error ?? (hasTables ? (tables.error ?? views.error) : null),
  }
}

/**
 * The resource that a text names: the suggestion with exactly this name, otherwise by the number of its levels.
 *
 * @param kind null: any suggestion; a text that is not suggested is a catalog, a namespace or a table by its levels
 */
export function resolveResource(
  text: string,
  kind: ResourceKind | null,
  suggestions: readonly Resource[],
): Resource | null {
  const label = text.trim()
  const offered = suggestions.find((on) => resourceLabel(on) === label && (kind === null || resourceKind(on) === kind))
  if (offered) return offered
  const levelCount = label.split('.').length
  return parseResource(label, kind ?? (levelCount === 1 ? 'catalog' : levelCount === 2 ? 'namespace' : 'table'))
}
