'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconClipboardList, IconDots } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { type ReactNode, useState } from 'react'
import { GrantPanel } from '@/components/admin/access/grant-panel'
import { EffectiveAccessPanel } from '@/components/admin/access/effective-access-panel'
import { PermissionCheckPanel } from '@/components/admin/access/permission-check-panel'
import { RoleTable } from '@/components/admin/access/role-table'
import { Unloaded } from '@/components/shell/unloaded'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { userQuery } from '@/lib/client/access/users'
import type { User } from '@/lib/contract/access'
import { formatCount } from '@/lib/format/count'
import { initials } from '@/lib/format/initials'
import { paths } from '@/lib/paths/paths'
import { BackToList } from './back-to-list'
import type { UserAction, UserMenuAction } from './user-action-dialog'
import classes from './users.module.css'

/** One user: their profile, their grants, and the access that results. */
export function PersonPage({ userId }: { userId: string }) {
  const query = useQuery(userQuery(userId))
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject="The user"
        next="The user may have been removed. Look for them in the list."
        skeleton={[8, 3, 'Reading the user']}
      />
    )
  const user = query.data
  const holder = { kind: 'user', id: userId, name: user.username } as const
  return (
    <>
      <PersonHead user={user} />
      <div className={classes.detail}>
        <div className={classes.panels}>
          <GrantPanel holder={holder} />
          <PermissionCheckPanel user={user} />
          <RoleTable />
        </div>
        <div className={classes.filled}>
          <EffectiveAccessPanel user={user} />
        </div>
      </div>
    </>
  )
}

function PersonHead({ user }: { user: User }) {
  const { username, displayName, role, groups, tokenCount, lastSeenAtMs, createdAtMs, disabledAtMs, isService } = user
  const [action, setAction] = useState<UserAction>('role')
  const dialog = useLoadedDialog(loadDialog)
  const creation = useLoadedDialog(loadTokenCreation)
  return (
    <header className={classes.person}>
      <BackToList />
      <span className={classes.mark} aria-hidden>
        {initials(username)}
      </span>
      <h2 className={classes.personName}>
        <VisibleText>{username}</VisibleText>
      </h2>
      <dl className={classes.facts}>
        {displayName !== null && <Fact name="Name" value={<VisibleText>{displayName}</VisibleText>} />}
        {disabledAtMs !== null && (
          <Fact name="Disabled" value={<span className="warn">{<RelativeTime atMs={disabledAtMs} />}</span>} />
        )}
        <Fact name="Role on everything" value={role ?? <span className="warn">none</span>} />
        <Fact name="Groups" value={groups.length === 0 ? 'none' : <GroupNames groups={groups} />} />
        <Fact name="Signs in by" value={<SignInMethod user={user} />} />
        <Fact
          name="Tokens"
          value={
            isService ? (
              <Link href={paths.tokensOfAllUsers()} prefetch={false}>
                {formatCount(tokenCount)}
              </Link>
            ) : (
              formatCount(tokenCount)
            )
          }
        />
        <Fact
          // A session lasts for days: work in the console is not in it.
          name={isService ? 'Last use of a token' : 'Last sign-in or use of a token'}
          value={lastSeenAtMs === null ? 'never' : <RelativeTime atMs={lastSeenAtMs} />}
        />
        <Fact name="Since" value={<RelativeTime atMs={createdAtMs} />} />
      </dl>
      <div className={classes.personActions}>
        <Button
          component={Link}
          href={paths.auditOf(username)}
          variant="default"
          leftSection={<IconClipboardList size={15} stroke={1.6} aria-hidden />}
        >
          What they did
        </Button>
        <LazyMenu
          button={
            <ActionIcon variant="default" size={30} aria-label={`${username} options`}>
              <IconDots size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          }
          load={loadItems}
          menuProps={{
            user,
            onChoose: (chosen: UserMenuAction) => {
              if (chosen === 'token') return creation.open()
              setAction(chosen)
              dialog.open()
            },
          }}
        />
      </div>
      {dialog.Dialog && <dialog.Dialog opened={dialog.isOpen} user={user} action={action} onClose={dialog.close} />}
      {creation.Dialog && <creation.Dialog opened={creation.isOpen} owner={username} onClose={creation.close} />}
    </header>
  )
}

async function loadTokenCreation() {
  return (await import('@/components/admin/tokens/create-token')).CreateToken
}

async function loadItems() {
  return (await import('./user-menu-items')).UserMenuItems
}

async function loadDialog() {
  return (await import('./user-action-dialog')).UserActionDialog
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function SignInMethod({ user: { signInMethod, hasPassword } }: { user: User }) {
  if (signInMethod === 'password') return 'password'
  if (signInMethod === 'none') return 'nothing: service account'
  const { provider, subject } = signInMethod
  return (
    <span title={`Subject ${subject}`}>
      {provider}
      {hasPassword && ', password'}
    </span>
  )
}

function GroupNames({ groups }: { groups: User['groups'] }) {
  return groups.map(({ groupId, name }, index) => (
    <span key={groupId}>
      {index > 0 && ', '}
      <Link href={paths.group(groupId)} prefetch={false}>
        <VisibleText>{name}</VisibleText>
      </Link>
    </span>
  ))
}
