import type { ReactNode } from 'react'
import { SETTINGS_PAGES } from '@/components/layout/places'
import { SettingsNav } from '@/components/layout/settings-nav'

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <SettingsNav pages={SETTINGS_PAGES} />
      {children}
    </>
  )
}
