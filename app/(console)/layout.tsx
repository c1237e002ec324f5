import type { ReactNode } from 'react'
import { SessionUnknown } from '@/components/account/session-unknown'
import { Shell } from '@/components/layout/shell'
import { requireSession } from '@/server/program/require-session'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const found = await requireSession()
  if ('problem' in found) return <SessionUnknown problem={found.problem} />
  const { username, role, permissions } = found.session
  return (
    <Shell person={{ username, role }} permissions={permissions}>
      {children}
    </Shell>
  )
}
