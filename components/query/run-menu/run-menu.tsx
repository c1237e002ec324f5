'use client'
import { ActionIcon } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import classes from './run-menu.module.css'
import type { RunMenuActions } from './run-menu-items'

/** Next to *Run*: the other ways to run the text, and previews. */
export function RunMenu({ actions, canRun }: { actions: RunMenuActions; canRun: boolean }) {
  return (
    <LazyMenu
      button={
        <ActionIcon variant="default" aria-label="Query options" className={classes.button}>
          <IconChevronDown size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      }
      load={loadItems}
      menuProps={{ actions, canRun }}
    />
  )
}

async function loadItems() {
  return (await import('./run-menu-items')).RunMenuItems
}
