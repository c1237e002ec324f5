'use client'
import { useHotkeys } from '@mantine/hooks'
import { type ReactNode, useSyncExternalStore } from 'react'
import { InitialPermissions } from '@/lib/client/permissions'
import type { Permission } from '@/lib/permissions'
import type { SignedInUser } from './signed-in-user'
import { LazyPalette } from './navigation/lazy-palette'
import { Rail } from './navigation/rail'
import classes from './shell.module.css'
import { TopBar } from './top-bar'
import { useGoKeys } from './navigation/use-go-keys'
import { useLoadedDialog } from './navigation/use-loaded-dialog'

type ShellProps = { user: SignedInUser; permissions: readonly Permission[]; children: ReactNode }

/** The frame around every page of the console for a signed-in user. */
export function Shell({ user, permissions, children }: ShellProps) {
  const help = useLoadedDialog(loadHelp)
  const isInteractive = useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  )
  useGoKeys()
  useHotkeys([['shift+?', help.open, { usePhysicalKeys: false }]])
  return (
    <InitialPermissions value={permissions}>
      <div className={classes.shell} data-interactive={isInteractive || undefined}>
        <a href="#content" className={classes.skip}>
          Skip to the content
        </a>
        <Rail />
        <TopBar user={user} onHelp={help.open} />
        <main id="content" tabIndex={-1} className={classes.main}>
          {children}
        </main>
        <LazyPalette />
        {help.Dialog && <help.Dialog opened={help.isOpen} onClose={help.close} />}
      </div>
    </InitialPermissions>
  )
}

async function loadHelp() {
  return (await import('./navigation/keyboard-help')).KeyboardHelp
}
