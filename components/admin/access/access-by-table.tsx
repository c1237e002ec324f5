'use client'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter, useSearchParams } from 'next/navigation'
import { Unloaded } from '@/components/shell/unloaded'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { toListing } from '@/components/ui/table/listing'
import { VisibleText } from '@/components/ui/values/visible-text'
import { accessQuery, type PersonAccess } from '@/lib/client/access/effective-access'
import { grantsOnQuery } from '@/lib/client/access/grants'
import { useHasPermission } from '@/lib/client/session/permissions'
import { formatQuantity } from '@/lib/format/count'
import { resourceFromQuery, resourceKey, resourceLabel } from '@/lib/names/resource-name'
import { paths } from '@/lib/paths/paths'
import type { Resource } from '@/lib/permissions'
import classes from './access.module.css'
import { ACCESS_COLUMNS, allows, LEVEL_OF_ROLE } from './access-levels'
import { AccessMark } from './access-mark'
import { BecauseOf } from './because-of'
import { GrantTable } from './grant-table'
import { LazyResourceField } from './lazy-resource-field'

/**
 * The access of users and groups to a catalog, a namespace or a table, with the grants that are the reason. It is in
 * the address.
 */
export function AccessByTable() {
  const router = useRouter()
  const on = resourceFromQuery(useSearchParams())
  const canManage = useHasPermission('access:manage', on)
  return (
    <div className={classes.byTable}>
      <div className={classes.pick}>
        <LazyResourceField
          key={resourceKey(on)}
          label="Catalog, namespace or table"
          kind={null}
          initial={on}
          onSubmit={(chosen) => router.push(paths.accessTo(chosen))}
        />
      </div>
      {canManage === false ? (
        <EmptyState>Only admins of {resourceLabel(on)} see who has access.</EmptyState>
      ) : (
        <>
          <AccessTo on={on} />
          <GrantsOn on={on} />
        </>
      )}
    </div>
  )
}

function AccessTo({ on }: { on: Resource }) {
  const query = useInfiniteQuery(accessQuery(on))
  const { data, hasNextPage } = query
  const listing = toListing(query, ({ users }) => users)
  const name = resourceLabel(on)
  return (
    <Panel
      title="Who has access"
      {...(data && {
        subtitle: `${name}, ${formatQuantity(listing.rows.length, 'person', 'people')}${hasNextPage ? ' so far' : ''}`,
      })}
      flush
    >
      {data === undefined ? (
        <Unloaded query={query} subject={name} className="padded" skeleton={[6, 6, `Reading who may see ${name}`]} />
      ) : listing.rows.length === 0 ? (
        <EmptyState>
          {hasNextPage ? `None of the users read so far may see ${name}.` : `No user may see ${name}.`}
        </EmptyState>
      ) : (
        <DataTable label="Who has access" columns={COLUMNS} rows={listing} rowKey={({ userId }) => userId} />
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
    cell: ({ userId, username, isDisabled }) => (
      <>
        <Link href={paths.user(userId)} prefetch={false}>
          <VisibleText>{username}</VisibleText>
        </Link>
        {isDisabled && <span className="quiet"> disabled</span>}
      </>
    ),
  },
  ...ACCESS_COLUMNS.map(
    (column): Column<PersonAccess> => ({
      id: column.id,
      header: column.label,
      cell: ({ role }) => <AccessMark isAllowed={allows(column, LEVEL_OF_ROLE[role])} />,
    }),
  ),
  {
    id: 'because',
    header: 'Because of',
    fills: true,
    cell: ({ role, grants }) => <BecauseOf level={LEVEL_OF_ROLE[role]} grants={grants} />,
  },
]

/** The grants on the resource or on anything in it. Those on its parents are managed there. */
function GrantsOn({ on }: { on: Resource }) {
  const query = useInfiniteQuery(grantsOnQuery(on))
  const { data } = query
  const listing = toListing(query, ({ grants }) => grants)
  const addition = useLoadedDialog(loadAddition)
  return (
    <Panel
      title="Grants"
      subtitle="on it and in it"
      actions={
        <Button variant="default" leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />} onClick={addition.open}>
          Grant
        </Button>
      }
      flush
    >
      {data === undefined ? (
        <Unloaded query={query} subject="The list of grants" className="padded" skeleton={[3, 4, 'Reading grants']} />
      ) : listing.rows.length === 0 ? (
        <EmptyState>No grant names {resourceLabel(on)}.</EmptyState>
      ) : (
        <GrantTable
          grants={listing}
          canRemove={() => true}
          from={{
            id: 'from',
            header: 'To',
            cell: ({ holder }) => <VisibleText>{holder.name}</VisibleText>,
          }}
        />
      )}
      <NextPageButton query={query}>Show more grants</NextPageButton>
      {addition.Dialog && <addition.Dialog opened={addition.isOpen} on={on} onClose={addition.close} />}
    </Panel>
  )
}

async function loadAddition() {
  return (await import('./grant-on-dialog')).GrantOnDialog
}
