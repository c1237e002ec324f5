'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { toListing } from '@/components/ui/table/listing'
import { VisibleText } from '@/components/ui/values/visible-text'
import { groupMembersQuery, useRemoveMember } from '@/lib/client/access/groups'
import type { Group } from '@/lib/contract/access'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './users.module.css'

/** A member of a group. */
export type Member = { userId: string; username: string; displayName: string | null }

const LazyAddMember = lazyComponent(async () => (await import('./add-member')).AddMember, { loading: AddMemberRoom })

/** The members of a group, page by page. Groups from a provider cannot be changed here. */
export function MemberPanel({ group }: { group: Group }) {
  const query = useInfiniteQuery(groupMembersQuery(group.groupId))
  const listing = toListing(query, ({ members }) => members)
  const remove = useRemoveMember(group.groupId)
  const canChange = group.source === 'console'
  return (
    <Panel title="Members" subtitle={formatQuantity(group.memberCount, 'person', 'people')} flush>
      {canChange && <LazyAddMember groupId={group.groupId} />}
      {remove.error && (
        <div className="padded">
          <ProblemNote error={remove.error} unchanged="Nobody was removed." />
        </div>
      )}
      {query.data === undefined ? (
        <Unloaded
          query={query}
          subject="The list of members"
          className="padded"
          skeleton={[5, 2, 'Reading the members']}
        />
      ) : listing.rows.length === 0 ? (
        <EmptyState>
          {canChange
            ? 'No members yet. Add the first one above.'
            : 'No members yet: users join when they sign in with the provider.'}
        </EmptyState>
      ) : (
        <DataTable
          label="Members"
          columns={buildColumns(canChange, (userId) => remove.mutate(userId))}
          rows={listing}
          rowKey={({ userId }) => userId}
          stacks
        />
      )}
      <NextPageButton query={query}>Show more members</NextPageButton>
    </Panel>
  )
}

/** Reserves the space of the field, so that nothing moves when it appears. */
function AddMemberRoom() {
  return <div className={classes.addMember} />
}

function buildColumns(canChange: boolean, onRemove: (userId: string) => void): Column<Member>[] {
  const columns: Column<Member>[] = [
    {
      id: 'name',
      header: 'User',
      weight: 'name',
      sortBy: ({ username }) => username,
      cell: ({ userId, username }) => (
        <Link href={paths.user(userId)} prefetch={false}>
          <VisibleText>{username}</VisibleText>
        </Link>
      ),
    },
    {
      id: 'displayName',
      header: 'Name',
      cell: ({ displayName }) => displayName !== null && <VisibleText>{displayName}</VisibleText>,
    },
  ]
  if (!canChange) return columns
  return [
    ...columns,
    {
      id: 'remove',
      header: '',
      align: 'end',
      width: 46,
      cell: ({ userId, username }) => (
        <Tooltip label="Remove from the group">
          <ActionIcon aria-label={`Remove ${username} from the group`} onClick={() => onRemove(userId)}>
            <IconX size={14} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ),
    },
  ]
}
