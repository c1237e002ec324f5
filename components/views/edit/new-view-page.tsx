'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { NoViewForm, ViewFormHeader, ViewFormSkeleton } from './view-form-frame'

const LazyForm = lazyComponent(async () => (await import('./new-view-form')).NewViewForm, { loading: ViewFormSkeleton })

/** Writes a view of a namespace; `?sql=` has the query of DuckDB that it begins as. */
export function NewViewPage({ catalog, namespace }: { catalog: string; namespace: Namespace }) {
  const [sql] = useQueryState('sql', parseAsString)
  const { data: catalogs } = useQuery(catalogsQuery())
  const kind = catalogs?.find(({ name }) => name === catalog)?.kind
  const canWrite = useHasPermission('table:write', { catalog, namespace })
  const label = namespaceLabel(namespace)
  const header = <ViewFormHeader title="New view" within={`in ${catalog} / ${label}`} />
  const reason =
    canWrite === false
      ? 'Creating views needs the editor role. An admin can give it to you.'
      : kind === 'files'
        ? 'The tables of this catalog are opened from their metadata files, so it has no views.'
        : null
  if (reason !== null)
    return (
      <NoViewForm header={header} back={paths.namespace(catalog, namespace)} label={label}>
        {reason}
      </NoViewForm>
    )
  // The draft in this browser is that of the user.
  if (canWrite === undefined)
    return (
      <>
        {header}
        <ViewFormSkeleton />
      </>
    )
  return (
    <LazyForm catalog={catalog} namespace={namespace} sql={sql}>
      {header}
    </LazyForm>
  )
}
