'use client'
import { Button } from '@mantine/core'
import { IconPlus, IconUserPlus } from '@tabler/icons-react'
import { usePathname, useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { OpenRequestsPanel } from '@/components/admin/access/requests/open-requests-panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { useHasPermission, usePermissions } from '@/lib/client/session/permissions'
import { paths } from '@/lib/paths/paths'
import { PeopleList } from './people-list'
import classes from './users.module.css'

/**
 * Users and groups with their access, or tables with the users who have access. Admins of a catalog, namespace or table
 * see only the latter, and the requests for it.
 */
export function UsersPage({ children }: { children: ReactNode }) {
  const router = useRouter()
  const pathname = usePathname()
  const isAdmin = useHasPermission('console:admin')
  const mayDecide = usePermissions()?.includes('access:manage') === true
  const newUser = useLoadedDialog(loadNewUser)
  const newGroup = useLoadedDialog(loadNewGroup)
  const isByTable = pathname === paths.accessTo()
  const hasOpened = pathname !== paths.users()
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 className={classes.title}>{isAdmin === false ? 'Access' : 'Users'}</h1>
        {isAdmin === true && (
          <div className={classes.actions}>
            <SegmentedChoice
              label="View"
              value={isByTable ? 'table' : 'person'}
              onChange={(view) => router.push(view === 'table' ? paths.accessTo() : paths.users())}
              options={[
                { value: 'person', label: 'By person' },
                { value: 'table', label: 'By table' },
              ]}
            />
            <Button
              variant="default"
              leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
              onClick={newGroup.open}
            >
              Group
            </Button>
            <Button leftSection={<IconUserPlus size={15} stroke={1.6} aria-hidden />} onClick={newUser.open}>
              Create user
            </Button>
          </div>
        )}
      </header>
      {isByTable ? (
        children
      ) : isAdmin === false ? (
        <div className={classes.opened}>
          {mayDecide && <OpenRequestsPanel />}
          <EmptyState>Only full admins can see users and groups.</EmptyState>
        </div>
      ) : (
        <div className={classes.columns} data-opened={hasOpened || undefined}>
          <PeopleList />
          <div className={classes.opened}>{children}</div>
        </div>
      )}
      {newUser.Dialog && <newUser.Dialog opened={newUser.isOpen} onClose={newUser.close} />}
      {newGroup.Dialog && <newGroup.Dialog opened={newGroup.isOpen} onClose={newGroup.close} />}
    </div>
  )
}

async function loadNewUser() {
  return (await import('./new-user-dialog')).NewUserDialog
}

async function loadNewGroup() {
  return (await import('./group-dialog')).NewGroupDialog
}
