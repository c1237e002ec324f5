'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryStates } from 'nuqs'
import { catalogsQuery } from '@/lib/client/catalogs'
import type { DashboardScope } from '@/lib/client/dashboards'
import { namespacesQuery } from '@/lib/client/namespaces'
import { scopeChecks } from './address-checks'
import { joinNamespace, namespaceLabel, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'

/**
 * The part of the lake that a dashboard covers, stored in the URL: `?catalog=…&namespace=…`, and for dashboards that can
 * cover one table `&table=…`.
 *
 * @param options.onChange called when another part is chosen
 */
export function useScope({ onChange }: { onChange?: () => void } = {}) {
  const [{ catalog, namespace, table }, setQuery] = useQueryStates({
    catalog: parseAsString,
    namespace: parseAsString,
    table: parseAsString,
  })
  const choose = (chosen: Parameters<typeof setQuery>[0]) => {
    onChange?.()
    void setQuery(chosen)
  }
  const catalogs = useQuery(catalogsQuery())
  const catalogNames = catalogs.data?.map(({ name }) => name) ?? []
  // When there is only one catalog, users choose its namespaces directly.
  const chosenCatalog = catalog ?? (catalogNames.length === 1 ? catalogNames[0] : undefined)
  const namespaces = useQuery({ ...namespacesQuery(chosenCatalog ?? '', null), enabled: chosenCatalog !== undefined })
  const scope: DashboardScope = {
    ...(catalog !== null && { catalog }),
    ...(namespace !== null && { namespace: splitNamespace(namespace) }),
  }
  const listed = namespaces.data
  const isWhole = listed !== undefined && !listed.isTruncated && listed.skippedCount === 0
  const topNames = isWhole ? listed.namespaces.map((entry) => entry.namespace[0] ?? '') : null
  return {
    scope,
    catalogs: catalogNames,
    namespaces: (namespaces.data?.namespaces ?? []).map((entry) => ({
      value: joinNamespace(entry.namespace),
      label: namespaceLabel(entry.namespace),
    })),
    /** The catalog whose namespaces are more than those that are listed, so that they are searched; null: all are. */
    searchedCatalog: listed?.isTruncated === true ? (chosenCatalog ?? null) : null,
    chosen: { catalog, namespace, table },
    checks: scopeChecks({
      catalogs: catalogs.data === undefined ? null : catalogNames,
      namespaces: topNames,
    }),
    chooseCatalog: (chosen: string | null) => choose({ catalog: chosen, namespace: null, table: null }),
    chooseNamespace: (chosen: string | null) => choose({ namespace: chosen, table: null }),
    chooseTable: (chosen: TableIdentifier) =>
      choose({ catalog: chosen.catalog, namespace: joinNamespace(chosen.namespace), table: chosen.table }),
    leaveTable: () => choose({ table: null }),
  }
}
