'use client'
import { IconFolder } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { Unloaded } from '@/components/shell/unloaded'
import { BadgeChip } from '@/components/about/badge-chip'
import { useBadgesIn } from '@/components/about/use-badges-in'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { countColumn } from '@/components/ui/table/figure-columns'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { formatQuantity } from '@/lib/format/count'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { namespacesQuery } from '@/lib/client/namespaces'
import type { NamespaceEntry } from '@/lib/contract/namespaces'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { HiddenNamespacesNote } from './hidden-namespaces-note'
import classes from './namespaces.module.css'

/** Top-level namespaces of a catalog. */
export function NamespaceList({ catalog }: { catalog: string }) {
  const router = useRouter()
  const sorting = useSortInUrl()
  const query = useQuery(namespacesQuery(catalog, null))
  const badgeOf = useBadgesIn(catalog, null)
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={`Catalog ${catalog}`}
        className={classes.problemPage}
        skeleton={[4, 3, `Reading the namespaces of ${catalog}`]}
      />
    )
  const { data } = query
  if (data.namespaces.length === 0 && data.skippedCount === 0) {
    return <EmptyState>No namespaces in {catalog} yet. Create one, then load data into it.</EmptyState>
  }
  const namespaceHref = ({ namespace }: NamespaceEntry) => paths.namespace(catalog, namespace)
  const columns: Column<NamespaceEntry>[] = [
    {
      id: 'name',
      header: 'Name',
      weight: 'name',
      sortBy: ({ namespace }) => namespaceLabel(namespace),
      cell: (entry) => {
        const label = namespaceLabel(entry.namespace)
        const badge = badgeOf('namespace', label)
        return (
          <span className={classes.name}>
            <IconFolder size={14} stroke={1.6} aria-hidden />
            <Link href={namespaceHref(entry)} tabIndex={-1} prefetch={false}>
              {label}
            </Link>
            {badge && <BadgeChip {...badge} />}
          </span>
        )
      },
    },
    countColumn('tables', 'Tables', ({ tableCount }) => tableCount, { width: 120 }),
    countColumn('namespaces', 'Namespaces', ({ namespaceCount }) => namespaceCount, { width: 160 }),
  ]
  return (
    <>
      <HiddenNamespacesNote count={data.skippedCount} />
      {data.isTruncated && (
        <WarningNote>
          The first {formatQuantity(data.namespaces.length, 'namespace')} of {catalog} are listed. Search finds the
          others.
        </WarningNote>
      )}
      <DataTable
        label={`Namespaces of ${catalog}`}
        columns={columns}
        rows={{ rows: data.namespaces, isWhole: !data.isTruncated }}
        rowKey={namespaceHref}
        sorting={sorting}
        onOpen={(entry) => router.push(namespaceHref(entry))}
        gutter
        scrolls
      />
    </>
  )
}
