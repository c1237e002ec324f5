'use client'
import { useHotkeys } from '@mantine/hooks'
import { type ReactNode, useState } from 'react'
import { InitialPermissions } from '@/lib/client/permissions'
import type { Permission } from '@/lib/permissions'
import type { SignedInUser } from './account-menu'
import { CommandPalette } from './navigation/command-palette'
import { KeyboardHelp } from './navigation/keyboard-help'
import { OfflineNote } from './offline-note'
import { Rail } from './navigation/rail'
import classes from './shell.module.css'
import { TopBar } from './top-bar'
import { useGoKeys } from './navigation/use-go-keys'

type ShellProps = { user: SignedInUser; permissions: readonly Permission[]; children: ReactNode }

/** The frame around every page of the console for a signed-in user. */
export function Shell({ user, permissions, children }: ShellProps) {
  const [isHelpOpen, setIsHelpOpen] = useState(false)
  useGoKeys()
  useHotkeys([['shift+?', () => setIsHelpOpen(true), { usePhysicalKeys: false }]])
  return (
    <InitialPermissions value={permissions}>
      <div className={classes.shell}>
        <a href="#content" className={classes.skip}>
          Skip to the content
        </a>
        <Rail />
        <TopBar user={user} onHelp={() => setIsHelpOpen(true)} />
        <main id="content" tabIndex={-1} className={classes.main}>
          {children}
        </main>
        <OfflineNote />
        <CommandPalette />
        <KeyboardHelp opened={isHelpOpen} onClose={() => setIsHelpOpen(false)} />
      </div>
    </InitialPermissions>
  )
}
