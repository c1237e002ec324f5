'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter, useSearchParams } from 'next/navigation'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import { accessQuery } from '@/lib/client/access/effective-access'
import { retryFetch } from '@/lib/client/call/retry'
import type { PersonAccess } from '@/lib/contract/access'
import { formatQuantity } from '@/lib/format/count'
import { resourceFromQuery, resourceKey, resourceLabel } from '@/lib/format/resource-name'
import { paths } from '@/lib/paths'
import type { Resource } from '@/lib/permissions'
import classes from './access.module.css'
import { ACCESS_LEVELS } from './access-levels'
import { AccessMark } from './access-mark'
import { BecauseOf } from './because-of'
import { ResourceField } from './resource-field'

/** Who may do what with a catalog, a namespace or a table, and which grants are the reason. It is in the address. */
export function AccessByTable() {
  const router = useRouter()
  const on = resourceFromQuery(useSearchParams())
  return (
    <div className={classes.byTable}>
      <div className={classes.pick}>
        <ResourceField
          key={resourceKey(on)}
          label="Catalog, namespace or table"
          kind={null}
          initial={on}
          onSubmit={(chosen) => router.push(paths.accessTo(chosen))}
        />
      </div>
      <AccessTo on={on} />
    </div>
  )
}

function AccessTo({ on }: { on: Resource }) {
  const query = useInfiniteQuery(accessQuery(on))
  const people = query.data?.pages.flatMap((page) => page.people) ?? []
  const name = resourceLabel(on)
  return (
    <Panel
      title="Who may here"
      subtitle={`${name}${query.data ? `, ${formatQuantity(people.length, 'person', 'people')}${query.hasNextPage ? ' so far' : ''}` : ''}`}
      flush
    >
      {query.isPending ? (
        <SkeletonRows rows={6} columns={6} label={`Reading who may see ${name}`} />
      ) : query.data === undefined ? (
        <div className={classes.problem}>
          <ProblemNote error={query.error} subject={name} onRetry={() => retryFetch(query.refetch)} />
        </div>
      ) : people.length === 0 ? (
        <EmptyState>No user may see {name}.</EmptyState>
      ) : (
        <DataTable label="Who may here" columns={COLUMNS} rows={people} rowKey={({ userId }) => userId} />
      )}
      <NextPageButton query={query}>Show more people</NextPageButton>
    </Panel>
  )
}

const COLUMNS: readonly Column<PersonAccess>[] = [
  {
    id: 'user',
    header: 'User',
    weight: 'name',
    sortBy: ({ username }) => username,
    cell: ({ userId, username }) => (
      <Link href={paths.user(userId)} prefetch={false}>
        <VisibleText>{username}</VisibleText>
      </Link>
    ),
  },
  ...ACCESS_LEVELS.map(
    ({ id, label }): Column<PersonAccess> => ({
      id,
      header: label,
      cell: ({ may }) => <AccessMark isAllowed={may[id]} />,
    }),
  ),
  { id: 'because', header: 'Because of', cell: (person) => <BecauseOf entry={person} /> },
]
