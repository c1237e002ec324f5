'use client'
import { useMantineColorScheme } from '@mantine/core'
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSun,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react'
import { useSignOut } from '@/lib/client/sign-out'

export type PaletteProps = { onShortcuts: () => void; onTimeZone: () => void }

type Action = { label: string; icon: TablerIcon; onRun: () => void; staysOpen?: boolean; keywords?: readonly string[] }

/** Actions of the palette other than opening a page. */
export function usePaletteActions({ onShortcuts, onTimeZone }: PaletteProps) {
  const { setColorScheme } = useMantineColorScheme()
  const signOut = useSignOut()
  const actions: readonly Action[] = [
    { label: 'Use the light theme', icon: IconSun, onRun: () => setColorScheme('light') },
    { label: 'Use the dark theme', icon: IconMoon, onRun: () => setColorScheme('dark') },
    { label: 'Use the system’s theme', icon: IconDeviceDesktop, onRun: () => setColorScheme('auto') },
    { label: 'Choose the time zone…', icon: IconWorld, onRun: onTimeZone, keywords: ['utc', 'clock', 'local time'] },
    { label: 'Show keyboard shortcuts', icon: IconKeyboard, onRun: onShortcuts, keywords: ['keys', 'hotkeys', 'help'] },
    {
      label: 'Sign out',
      icon: IconLogout,
      onRun: () => signOut.mutate(),
      staysOpen: true,
      keywords: ['log out', 'logout', 'leave'],
    },
  ]
  return { actions, signOutError: signOut.error }
}
