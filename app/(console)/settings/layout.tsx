import type { ReactNode } from 'react'
import { SettingsNav } from '@/components/layout/navigation/settings-nav'

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <SettingsNav />
      {children}
    </>
  )
}
