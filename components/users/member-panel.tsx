'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { groupMembersQuery, useRemoveMember } from '@/lib/client/access/groups'
import { retryFetch } from '@/lib/client/call/retry'
import type { Group, User } from '@/lib/contract/access'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths'
import classes from './users.module.css'

const LazyAddMember = lazyComponent(async () => (await import('./add-member')).AddMember)

/** Who is in a group. Those of a group from a provider cannot be changed here. */
export function MemberPanel({ group }: { group: Group }) {
  const members = useInfiniteQuery(groupMembersQuery(group.groupId))
  const remove = useRemoveMember(group.groupId)
  const canChange = group.source === 'console'
  const users = members.data?.pages.flatMap((page) => page.users) ?? []
  return (
    <Panel title="Members" subtitle={formatQuantity(group.memberCount, 'person', 'people')} flush>
      {canChange && <LazyAddMember groupId={group.groupId} members={users} />}
      {remove.error && (
        <div className={classes.problem}>
          <ProblemNote error={remove.error} unchanged="Nobody was removed." />
        </div>
      )}
      {members.isPending ? (
        <SkeletonRows rows={4} columns={2} label="Reading members" />
      ) : members.data === undefined ? (
        <div className={classes.problem}>
          <ProblemNote
            error={members.error}
            subject="The list of members"
            onRetry={() => retryFetch(members.refetch)}
          />
        </div>
      ) : users.length === 0 ? (
        <EmptyState>
          {canChange
            ? 'No members yet. Add the first one above.'
            : 'No members yet: users join when they sign in with the provider.'}
        </EmptyState>
      ) : (
        <DataTable
          label="Members"
          columns={buildColumns(canChange, (user) => remove.mutate(user.userId))}
          rows={users}
          rowKey={({ userId }) => userId}
          stacks
        />
      )}
      <NextPageButton query={members}>Show more members</NextPageButton>
    </Panel>
  )
}

function buildColumns(canChange: boolean, onRemove: (user: User) => void): Column<User>[] {
  const columns: Column<User>[] = [
    {
      id: 'name',
      header: 'User',
      weight: 'name',
      cell: ({ userId, username }) => (
        <Link href={paths.user(userId)} prefetch={false}>
          <VisibleText>{username}</VisibleText>
        </Link>
      ),
    },
    {
      id: 'role',
      header: 'Role on everything',
      cell: ({ role }) => role ?? <span className={classes.quiet}>none</span>,
    },
    {
      id: 'seen',
      header: 'Last seen',
      wideOnly: true,
      cell: ({ lastSeenAtMs }) =>
        lastSeenAtMs === null ? <span className={classes.quiet}>never</span> : <RelativeTime atMs={lastSeenAtMs} />,
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
      cell: (user) => (
        <Tooltip label="Remove from the group">
          <ActionIcon aria-label={`Remove ${user.username} from the group`} onClick={() => onRemove(user)}>
            <IconX size={14} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ),
    },
  ]
}
