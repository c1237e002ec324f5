'use client'
import { UnstyledButton } from '@mantine/core'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
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

/** `m.keller` → `MK`, `admin` → `AD`. */
function initials(username: string): string {
  const words = username.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => word.slice(0, 1)) : [username.slice(0, 2)]
  return letters.join('').toUpperCase()
}
