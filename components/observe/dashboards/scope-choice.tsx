'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import type { useScope } from './use-scope'

const ALL = ''

const LazyNamespaceSearch = lazyComponent(async () => (await import('./namespace-search')).NamespaceSearch)

/** All of the lake, or one catalog or namespace. A select with only one option is hidden. */
export function ScopeChoice({
  scope: { catalogs, namespaces, searchedCatalog, chosen, chooseCatalog, chooseNamespace },
}: {
  scope: ReturnType<typeof useScope>
}) {
  return (
    <>
      {catalogs.length > 1 && (
        <LazySelect
          aria-label="Catalog"
          w={140}
          allowDeselect={false}
          value={chosen.catalog ?? ALL}
          data={[{ value: ALL, label: 'All catalogs' }, ...catalogs.map((name) => ({ value: name, label: name }))]}
          onChange={(value) => chooseCatalog(value === ALL ? null : value)}
        />
      )}
      {searchedCatalog !== null && (
        <LazyNamespaceSearch catalog={searchedCatalog} chosen={chosen.namespace} onChoose={chooseNamespace} />
      )}
      {searchedCatalog === null && namespaces.length > 1 && (
        <LazySelect
          aria-label="Namespace"
          w={150}
          allowDeselect={false}
          value={chosen.namespace ?? ALL}
          data={[{ value: ALL, label: 'All namespaces' }, ...namespaces]}
          onChange={(value) => chooseNamespace(value === ALL ? null : value)}
        />
      )}
    </>
  )
}
