'use client'
import { Menu, UnstyledButton } from '@mantine/core'
import { IconApi, IconKey, IconLogout, IconSettings, IconWorld } from '@tabler/icons-react'
import Link from 'next/link'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { useSignOut } from '@/lib/client/session'
import { paths } from '@/lib/paths'
import type { Role } from '@/lib/permissions'
import classes from './account-menu.module.css'

/** The signed-in user, as far as the shell needs to know. */
export type SignedInUser = { username: string; role: Role }

export function AccountMenu({ user, onTimeZone }: { user: SignedInUser; onTimeZone: () => void }) {
  const timeZone = useTimeZone()
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton
          className={classes.initials}
          aria-label={`${initials(user.username)}: account of ${user.username}`}
        >
          {initials(user.username)}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <span className={classes.name}>{user.username}</span>
          <span className={classes.role}>{user.role}</span>
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} href={paths.account()} leftSection={<IconKey size={15} stroke={1.6} aria-hidden />}>
          Change password
        </Menu.Item>
        {/* The bar at the bottom of narrow pages has no room for it. */}
        <Menu.Item
          component={Link}
          href={paths.tokens()}
          className={classes.narrowOnly ?? ''}
          leftSection={<IconSettings size={15} stroke={1.6} aria-hidden />}
        >
          Settings
        </Menu.Item>
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

/** `m.keller` → `MK`, `admin` → `AD`. */
function initials(username: string): string {
  const words = username.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => word.slice(0, 1)) : [username.slice(0, 2)]
  return letters.join('').toUpperCase()
}
