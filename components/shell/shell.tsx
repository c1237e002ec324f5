'use client'
import { useHotkeys } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { InitialSession, type SessionAccess } from '@/lib/client/session/initial-session'
import { sessionQuery } from '@/lib/client/session/session'
import { onSignOutElsewhere } from '@/lib/client/session/sign-out-signal'
import { paths } from '@/lib/paths/paths'
import { LazyFullTextTooltip } from './lazy-full-text-tooltip'
import { focusFilter } from './navigation/focus-filter'
import { LazyPalette } from './navigation/lazy-palette'
import { OfflineNote } from './offline-note'
import { Rail } from './navigation/rail'
import { useGoKeys } from './navigation/use-go-keys'
import classes from './shell.module.css'
import type { SignedInUser } from './signed-in-user'
import { TopBar } from './top-bar'
import { useScrollAway } from './use-scroll-away'

const LazyGeneratedPasswordNote = lazyComponent(
  async () => (await import('@/components/shell/generated-password-note')).GeneratedPasswordNote,
  { isServerRendered: true, loading: () => <div className={classes.noteToCome} /> },
)

type ShellProps = {
  user: SignedInUser
  session: SessionAccess
  children: ReactNode
}

/** The frame around every page of the console for a signed-in user. */
export function Shell({ user, session, children }: ShellProps) {
  const shortcuts = useLoadedDialog(loadShortcuts)
  const timeZone = useLoadedDialog(loadTimeZone)
  const frame = useRef<HTMLDivElement>(null)
  const hasGeneratedPassword = useQuery(sessionQuery()).data?.hasGeneratedPassword === true
  const isInteractive = useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  )
  const showShortcuts = () => {
    timeZone.close()
    shortcuts.open()
  }
  useGoKeys()
  // Without the address of the page, which may have the text of a query.
  useEffect(() => onSignOutElsewhere(() => window.location.replace(paths.login())), [])
  useScrollAway(frame)
  useHotkeys([
    ['shift+?', showShortcuts, { usePhysicalKeys: false }],
    ['/', focusFilter, { preventDefault: false }],
  ])
  return (
    <InitialSession value={session}>
      <div ref={frame} className={classes.shell} data-scroll-away data-interactive={isInteractive || undefined}>
        <a href="#content" className={classes.skip}>
          Skip to the content
        </a>
        <Rail />
        <TopBar user={user} onShortcuts={showShortcuts} onTimeZone={timeZone.open} />
        <main id="content" tabIndex={-1} className={classes.main}>
          {hasGeneratedPassword && <LazyGeneratedPasswordNote />}
          {children}
        </main>
        <OfflineNote />
        <LazyPalette onShortcuts={showShortcuts} onTimeZone={timeZone.open} />
        {shortcuts.Dialog && <shortcuts.Dialog opened={shortcuts.isOpen} onClose={shortcuts.close} />}
        {timeZone.Dialog && <timeZone.Dialog opened={timeZone.isOpen} onClose={timeZone.close} />}
        <LazyFullTextTooltip />
      </div>
    </InitialSession>
  )
}

async function loadShortcuts() {
  return (await import('./navigation/keyboard-help')).KeyboardHelp
}

async function loadTimeZone() {
  return (await import('./time-zone/time-zone-dialog')).TimeZoneDialog
}
