import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { SessionUnavailable } from '@/components/account/session-unavailable'
import { Providers } from '@/components/layout/providers'
import { Shell } from '@/components/layout/shell'
import { openRunsQuery } from '@/lib/client/jobs'
import { sessionQuery } from '@/lib/client/session'
import { requireSession } from '@/server/program/require-session'
import { FirstView } from '@/app/first-view'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const result = await requireSession()
  const nonce = (await headers()).get('x-nonce') ?? ''
  if ('problem' in result) {
    return (
      <Providers nonce={nonce}>
        <SessionUnavailable problem={result.problem} />
      </Providers>
    )
  }
  const { username, role, permissions } = result.session
  return (
    <Providers nonce={nonce}>
      <FirstView queries={[sessionQuery(), openRunsQuery()]}>
        <Shell user={{ username, role }} permissions={permissions}>
          {children}
        </Shell>
      </FirstView>
    </Providers>
  )
}
