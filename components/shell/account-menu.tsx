'use client'
import { UnstyledButton } from '@mantine/core'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { initials } from '@/lib/format/initials'
import type { SignedInUser } from './signed-in-user'
import classes from './account-menu.module.css'
import { LazyOpenRequestCount } from './lazy-open-request-count'

export function AccountMenu({ user, onTimeZone }: { user: SignedInUser; onTimeZone: () => void }) {
  return (
    <span className={classes.account}>
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
      {/* The bar at the bottom of narrow pages has no settings, which have it elsewhere. */}
      <LazyOpenRequestCount className={classes.requests} />
    </span>
  )
}

async function loadItems() {
  return (await import('./account-menu-items')).AccountMenuItems
}
