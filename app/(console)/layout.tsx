import type { ReactNode } from 'react'
import { SessionUnavailable } from '@/components/account/session-unavailable'
import { Shell } from '@/components/layout/shell'
import { requireSession } from '@/server/program/require-session'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const result = await requireSession()
  if ('problem' in result) return <SessionUnavailable problem={result.problem} />
  const { username, role, permissions } = result.session
  return (
    <Shell user={{ username, role }} permissions={permissions}>
      {children}
    </Shell>
  )
}
