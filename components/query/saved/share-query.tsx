'use client'
import { Button } from '@mantine/core'
import { IconShare2 } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { SharedQuery } from './share-popover'
import classes from './share-query.module.css'

/** A link to the query of a tab, with a choice of what it brings. */
export function ShareQuery({ query }: { query: SharedQuery }) {
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="default"
          leftSection={<IconShare2 size={15} stroke={1.6} aria-hidden />}
          disabled={query.sql.trim() === ''}
          className={classes.button}
        >
          Share
        </Button>
      }
      load={loadPopover}
      menuProps={{ query }}
    />
  )
}

async function loadPopover() {
  return (await import('./share-popover')).SharePopover
}
