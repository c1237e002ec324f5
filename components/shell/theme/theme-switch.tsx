'use client'
import { ActionIcon } from '@mantine/core'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { SchemeIcon } from './scheme-icon'

/** Opens the choice of the colour scheme. */
export function ThemeSwitch() {
  return (
    <LazyMenu
      button={
        <ActionIcon aria-label="Theme">
          <SchemeIcon />
        </ActionIcon>
      }
      load={loadMenu}
      menuProps={{}}
    />
  )
}

async function loadMenu() {
  return (await import('./theme-menu')).ThemeMenu
}
