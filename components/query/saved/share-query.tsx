'use client'
import { ActionIcon } from '@mantine/core'
import { IconShare2 } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { Tooltip } from '@/components/ui/controls/tooltip'
import type { SharedQuery } from './share-popover'

/** A link to the query of a tab, with a choice of what it brings. */
export function ShareQuery({ query }: { query: SharedQuery }) {
  return (
    <Tooltip label="Share">
      <span>
        <LazyMenu
          popup="dialog"
          button={
            <ActionIcon aria-label="Share" disabled={query.sql.trim() === ''}>
              <IconShare2 size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          }
          load={loadPopover}
          menuProps={{ query }}
        />
      </span>
    </Tooltip>
  )
}

async function loadPopover() {
  return (await import('./share-popover')).SharePopover
}
