'use client'
import { ActionIcon, UnstyledButton } from '@mantine/core'
import { IconKeyboard, IconSearch } from '@tabler/icons-react'
import Link from 'next/link'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { Key } from '@/components/ui/values/key'
import { paths } from '@/lib/paths/paths'
import { AccountMenu } from './account-menu'
import type { SignedInUser } from './signed-in-user'
import { Breadcrumbs } from './navigation/breadcrumbs'
import { Logo } from './logo'
import { openPalette, preparePalette } from './navigation/lazy-palette'
import { RunningJobs } from './running-jobs'
import { ThemeSwitch } from './theme/theme-switch'
import classes from './top-bar.module.css'

type TopBarProps = { user: SignedInUser; onShortcuts: () => void; onTimeZone: () => void }

export function TopBar({ user, onShortcuts, onTimeZone }: TopBarProps) {
  return (
    <header className={classes.bar}>
      <Link href={paths.home()} className={classes.logo} aria-label="Lakeshore, home">
        <Logo size={24} />
      </Link>
      <Breadcrumbs />
      <RunningJobs />
      <UnstyledButton
        className={classes.search}
        onClick={openPalette}
        onPointerEnter={preparePalette}
        onFocus={preparePalette}
      >
        <IconSearch size={16} stroke={1.6} aria-hidden />
        <span className={classes.hint}>Tables, columns, snapshot ids, actions</span>
        <span className={classes.key}>
          <Key>Ctrl K</Key>
        </span>
      </UnstyledButton>
      <div className={classes.tools}>
        <Tooltip label="Keyboard shortcuts">
          <ActionIcon aria-label="Keyboard shortcuts" onClick={onShortcuts} className={classes.keys}>
            <IconKeyboard size={16} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <ThemeSwitch />
        <AccountMenu user={user} onTimeZone={onTimeZone} />
      </div>
    </header>
  )
}
