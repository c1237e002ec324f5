'use client'
import { useHotkeys } from '@mantine/hooks'
import dynamic from 'next/dynamic'
import { type ReactNode, useRef, useState } from 'react'
import { InitialPermissions } from '@/lib/client/permissions'
import type { Permission } from '@/lib/permissions'
import type { SignedInUser } from './account-menu'
import { FullTextTooltip } from './full-text-tooltip'
import { CommandPalette } from './navigation/command-palette'
import { focusFilter } from './navigation/focus-filter'
import { KeyboardHelp } from './navigation/keyboard-help'
import { OfflineNote } from './offline-note'
import { Rail } from './navigation/rail'
import { useGoKeys } from './navigation/use-go-keys'
import classes from './shell.module.css'
import { TopBar } from './top-bar'
import { useScrollAway } from './use-scroll-away'

const LazyTimeZoneDialog = dynamic(
  () => import('./time-zone/time-zone-dialog').then((module) => module.TimeZoneDialog),
  { ssr: false },
)

type ShellProps = { user: SignedInUser; permissions: readonly Permission[]; children: ReactNode }

/** The frame around every page of the console for a signed-in user. */
export function Shell({ user, permissions, children }: ShellProps) {
  const [dialog, setDialog] = useState<'shortcuts' | 'time-zone' | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  const close = () => setDialog(null)
  const showShortcuts = () => setDialog('shortcuts')
  const showTimeZone = () => setDialog('time-zone')
  useGoKeys()
  useScrollAway(frame)
  useHotkeys([
    ['shift+?', showShortcuts, { usePhysicalKeys: false }],
    ['/', focusFilter, { preventDefault: false }],
  ])
  return (
    <InitialPermissions value={permissions}>
      <div ref={frame} className={classes.shell} data-scroll-away>
        <a href="#content" className={classes.skip}>
          Skip to the content
        </a>
        <Rail />
        <TopBar user={user} onShortcuts={showShortcuts} onTimeZone={showTimeZone} />
        <main id="content" tabIndex={-1} className={classes.main}>
          {children}
        </main>
        <OfflineNote />
        <CommandPalette onShortcuts={showShortcuts} onTimeZone={showTimeZone} />
        <KeyboardHelp opened={dialog === 'shortcuts'} onClose={close} />
        {dialog === 'time-zone' && <LazyTimeZoneDialog onClose={close} />}
        <FullTextTooltip />
      </div>
    </InitialPermissions>
  )
}
