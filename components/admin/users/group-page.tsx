'use client'
import { Button } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { GrantPanel } from '@/components/admin/access/grant-panel'
import { RoleTable } from '@/components/admin/access/role-table'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { VisibleText } from '@/components/ui/values/visible-text'
import { EVERYONE_ID, groupQuery } from '@/lib/client/access/groups'
import type { Group } from '@/lib/contract/access'
import { BackToList } from './back-to-list'
import { MemberPanel } from './member-panel'
import classes from './users.module.css'

/** One group: its members and its grants. Everyone is a group, too. */
export function GroupPage({ groupId }: { groupId: string }) {
  return groupId === EVERYONE_ID ? <Everyone /> : <OneGroup groupId={groupId} />
}

function Everyone() {
  return (
    <>
      <Head name="everyone" description="every user is in it, also those who come later" />
      <div className={classes.detail}>
        <div className={classes.panels}>
          <GrantPanel holder={{ kind: 'everyone', id: EVERYONE_ID, name: 'everyone' }} />
        </div>
        <div className={classes.panels}>
          <RoleTable />
        </div>
      </div>
    </>
  )
}

function OneGroup({ groupId }: { groupId: string }) {
  const query = useQuery(groupQuery(groupId))
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject="The group"
        next="The group may have been removed. Look for it in the list."
        skeleton={[8, 3, 'Reading the group']}
      />
    )
  const { group } = query.data
  return (
    <>
      <Head
        name={group.name}
        description={group.source === 'provider' ? 'from the identity provider, which decides its members' : ''}
        actions={group.source === 'console' && <GroupActions group={group} />}
      />
      <div className={classes.detail}>
        <div className={classes.panels}>
          <MemberPanel group={group} />
        </div>
        <div className={classes.panels}>
          <GrantPanel holder={{ kind: 'group', id: groupId, name: group.name }} />
          <RoleTable />
        </div>
      </div>
    </>
  )
}

function Head({ name, description, actions }: { name: string; description: string; actions?: ReactNode }) {
  return (
    <header className={classes.person}>
      <BackToList />
      <span className={classes.mark} aria-hidden>
        <IconUsers size={15} stroke={1.6} />
      </span>
      <h2 className={classes.personName}>
        <VisibleText>{name}</VisibleText>
      </h2>
      <span className="quiet">{description}</span>
      {actions}
    </header>
  )
}

function GroupActions({ group }: { group: Group }) {
  const rename = useLoadedDialog(loadRename)
  const removal = useLoadedDialog(loadRemoval)
  return (
    <div className={classes.personActions}>
      <Button variant="default" onClick={rename.open}>
        Rename…
      </Button>
      <Button variant="default" onClick={removal.open}>
        Remove…
      </Button>
      {rename.Dialog && <rename.Dialog key={group.name} opened={rename.isOpen} group={group} onClose={rename.close} />}
      {removal.Dialog && <removal.Dialog opened={removal.isOpen} group={group} onClose={removal.close} />}
    </div>
  )
}

async function loadRename() {
  return (await import('./group-dialog')).RenameGroupDialog
}

async function loadRemoval() {
  return (await import('./remove-group')).RemoveGroup
}
