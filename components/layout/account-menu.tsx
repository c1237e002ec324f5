'use client'
import { Menu, UnstyledButton } from '@mantine/core'
import { IconKey, IconLogout } from '@tabler/icons-react'
import Link from 'next/link'
import { useSignOut } from '@/lib/client/session'
import { paths } from '@/lib/paths'
import type { Role } from '@/lib/permissions'
import classes from './account-menu.module.css'

/** The signed-in user, as far as the shell needs to know. */
export type SignedInUser = { username: string; role: Role }

export function AccountMenu({ user }: { user: SignedInUser }) {
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end" width={220}>
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
