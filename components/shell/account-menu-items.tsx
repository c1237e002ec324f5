'use client'
import { Menu } from '@mantine/core'
import {
  IconApi,
  IconClipboardList,
  IconDatabaseImport,
  IconKey,
  IconLogout,
  IconSettings,
  IconWorld,
} from '@tabler/icons-react'
import Link from 'next/link'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { useTotalPendingCount } from '@/lib/client/table/pending-changes'
import { useHasPermission } from '@/lib/client/session/permissions'
import { useSignOut } from '@/lib/client/sign-out'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import type { SignedInUser } from './signed-in-user'
import classes from './account-menu.module.css'
import { LazyOpenRequestCount } from './lazy-open-request-count'

type ItemsProps = LoadedMenuProps & { user: SignedInUser; onTimeZone: () => void }

/** The user of the session, their account and time zone, the API, and signing out. */
export function AccountMenuItems({ user, onTimeZone, opened, onChange }: ItemsProps) {
  const timeZone = useTimeZone()
  const signOut = useSignOut()
  const pendingCount = useTotalPendingCount()
  const mayReadAudit = useHasPermission('audit:read') === true
  return (
    <Menu position="bottom-end" width={240} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`Account of ${user.username}`} aria-labelledby={undefined}>
        <div className={classes.who}>
          <span className={classes.name}>{user.username}</span>
          <span className="quiet">{user.role}</span>
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} href={paths.account()} leftSection={<IconKey size={15} stroke={1.6} aria-hidden />}>
          Change password
        </Menu.Item>
        {/* The bar at the bottom of narrow pages has no room for these. */}
        <Menu.Item
          component={Link}
          href={paths.load()}
          className={classes.narrowOnly ?? ''}
          leftSection={<IconDatabaseImport size={15} stroke={1.6} aria-hidden />}
        >
          Load data
        </Menu.Item>
        <Menu.Item
          component={Link}
          href={paths.tokens()}
          className={classes.narrowOnly ?? ''}
          leftSection={<IconSettings size={15} stroke={1.6} aria-hidden />}
        >
          Settings
          <LazyOpenRequestCount className={classes.inlineRequests} />
        </Menu.Item>
        {mayReadAudit && (
          <Menu.Item
            component={Link}
            href={paths.audit()}
            className={classes.narrowOnly ?? ''}
            leftSection={<IconClipboardList size={15} stroke={1.6} aria-hidden />}
          >
            Audit
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconWorld size={15} stroke={1.6} aria-hidden />} onClick={onTimeZone}>
          Time zone<span className={classes.zone}>{timeZone.replaceAll('_', ' ')}</span>
        </Menu.Item>
        <Menu.Item
          component={Link}
          href={paths.apiReference()}
          prefetch={false}
          leftSection={<IconApi size={15} stroke={1.6} aria-hidden />}
        >
          API reference
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={15} stroke={1.6} aria-hidden />}
          closeMenuOnClick={false}
          onClick={() => signOut.mutate()}
        >
          Sign out
          <span className={classes.consequence}>
            {pendingCount > 0 && `Discards ${formatQuantity(pendingCount, 'pending change')}. `}
            Also clears your queries from this browser.
          </span>
        </Menu.Item>
        {signOut.error && (
          <p role="alert" className={classes.failed}>
            {signOut.error.message} You are still signed in.
          </p>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
