'use client'
import { UnstyledButton } from '@mantine/core'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { initials } from '@/lib/format/initials'
import type { SignedInUser } from './signed-in-user'
import classes from './account-menu.module.css'

export function AccountMenu({ user, onTimeZone }: { user: SignedInUser; onTimeZone: () => void }) {
  return (
    <LazyMenu
      button={
        <UnstyledButton
          className={classes.initials}
          aria-label={`${initials(user.username)}: account of ${user.username}`}
        >
          {initials(user.username)}
        </UnstyledButton>
      }
      load={loadItems}
      menuProps={{ user, onTimeZone }}
    />
  )
}

async function loadItems() {
  return (await import('./account-menu-items')).AccountMenuItems
}
