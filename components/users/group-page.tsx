'use client'
import { Button } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { GrantPanel } from '@/components/access/grant-panel'
import { RoleTable } from '@/components/access/role-table'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { VisibleText } from '@/components/ui/values/visible-text'
import { groupsQuery } from '@/lib/client/access/groups'
import { retryFetch } from '@/lib/client/call/retry'
import type { Group } from '@/lib/contract/access'
import { BackToList } from './back-to-list'
import { MemberPanel } from './member-panel'
import classes from './users.module.css'

/** One group: who is in it, and what is granted to it. */
export function GroupPage({ groupId }: { groupId: string }) {
  const { data: groups, error, isPending, refetch } = useQuery(groupsQuery())
  const group = groups?.find((one) => one.groupId === groupId)
  if (isPending) return <SkeletonRows rows={8} columns={3} label="Reading the group" />
  if (error) return <ProblemNote error={error} subject="The group" onRetry={() => retryFetch(refetch)} />
  if (group === undefined) return <EmptyState>There is no such group. It may have been removed.</EmptyState>
  const holder = { kind: group.source === 'everyone' ? 'everyone' : 'group', id: groupId, name: group.name } as const
  return (
    <>
      <GroupHead group={group} />
      <div className={classes.detail}>
        <div className={classes.left}>
          <MemberPanel group={group} />
        </div>
        <div className={classes.right}>
          <GrantPanel holder={holder} />
          <RoleTable />
        </div>
      </div>
    </>
  )
}

const SOURCE_WORDS: Record<Group['source'], string> = {
  console: '',
  provider: 'from the identity provider, which decides its members',
  everyone: 'every user is in it',
}

function GroupHead({ group }: { group: Group }) {
  const change = useLoadedDialog(loadChange)
  const removal = useLoadedDialog(loadRemoval)
  return (
    <header className={classes.person}>
      <BackToList />
      <span className={classes.mark} aria-hidden>
        <IconUsers size={15} stroke={1.6} />
      </span>
      <h2 className={classes.personName}>
        <VisibleText>{group.name}</VisibleText>
      </h2>
      <span className={classes.quiet}>
        {SOURCE_WORDS[group.source]}
        {group.description !== null && <VisibleText>{group.description}</VisibleText>}
      </span>
      {group.source === 'console' && (
        <div className={classes.personActions}>
          <Button variant="default" onClick={change.open}>
            Change…
          </Button>
          <Button variant="default" onClick={removal.open}>
            Remove…
          </Button>
        </div>
      )}
      {change.Dialog && <change.Dialog opened={change.isOpen} group={group} onClose={change.close} />}
      {removal.Dialog && <removal.Dialog opened={removal.isOpen} group={group} onClose={removal.close} />}
    </header>
  )
}

async function loadChange() {
  return (await import('./group-dialog')).ChangeGroupDialog
}

async function loadRemoval() {
  return (await import('./remove-group')).RemoveGroup
}
