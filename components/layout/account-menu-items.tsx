'use client'
import { Menu } from '@mantine/core'
import { IconKey, IconLogout } from '@tabler/icons-react'
import Link from 'next/link'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { useSignOut } from '@/lib/client/session'
import { paths } from '@/lib/paths'
import type { SignedInUser } from './signed-in-user'
import classes from './account-menu.module.css'

/** Whose session this is, their account, and signing out. */
export function AccountMenuItems({ user, opened, onChange }: LoadedMenuProps & { user: SignedInUser }) {
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`Account of ${user.username}`} aria-labelledby={undefined}>
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
