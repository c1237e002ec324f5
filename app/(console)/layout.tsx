import type { ReactNode } from 'react'
import { Shell } from '@/components/layout/shell'
import { requireSession } from '@/server/program/require-session'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { username, role, permissions } = await requireSession()
  return (
    <Shell person={{ username, role }} permissions={permissions}>
      {children}
    </Shell>
  )
}
