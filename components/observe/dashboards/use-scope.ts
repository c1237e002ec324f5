'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryStates } from 'nuqs'
import { catalogsQuery } from '@/lib/client/catalogs'
import type { DashboardScope } from '@/lib/client/dashboards'
import { namespacesQuery } from '@/lib/client/namespaces'
import { scopeChecks } from './address-checks'
import { joinNamespace, namespaceLabel, splitNamespace } from '@/lib/names/identifiers'

/** The part of the lake that a dashboard covers, stored in the URL: `?catalog=…&namespace=…`. */
export function useScope() {
  const [{ catalog, namespace }, setQuery] = useQueryStates({ catalog: parseAsString, namespace: parseAsString })
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
    chosen: { catalog, namespace },
    checks: scopeChecks({
      catalogs: catalogs.data === undefined ? null : catalogNames,
      namespaces: topNames,
    }),
    chooseCatalog: (chosen: string | null) => void setQuery({ catalog: chosen, namespace: null }),
    chooseNamespace: (chosen: string | null) => void setQuery({ namespace: chosen }),
  }
}
