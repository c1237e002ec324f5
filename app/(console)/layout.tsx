import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { SessionUnavailable } from '@/components/admin/account/session-unavailable'
import { breadcrumbTrail } from '@/components/shell/navigation/breadcrumb-trail'
import { Providers } from '@/components/shell/providers'
import { Shell } from '@/components/shell/shell'
import { openRunsQuery, runQuery } from '@/lib/client/jobs/runs'
import { accessRequestsQuery } from '@/lib/client/access/requests'
import { shortcutsQuery } from '@/lib/client/shortcuts'
import { sessionQuery } from '@/lib/client/session/session'
import { BUILD_META } from '@/lib/contract/shapes/plain-values'
import { requireSession } from '@/server/program/require-session'
import { FirstView, pageAddress } from '@/app/first-view'
import { pageNowMs, readTimeZone } from '@/app/page-clock'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const result = await requireSession()
  const providerProps = {
    nonce: (await headers()).get('x-nonce') ?? '',
    timeZone: await readTimeZone(),
    nowMs: pageNowMs(),
  }
  if ('problem' in result) {
    return (
      <Providers {...providerProps}>
        <SessionUnavailable problem={result.problem} />
      </Providers>
    )
  }
  const { username, role, userId, permissions, grants } = result.session
  const named = breadcrumbTrail((await pageAddress()).pathname).at(-1)?.named
  return (
    <Providers {...providerProps}>
      {/* Requests of the page compare it with that of the response (`lib/api/read.ts`). */}
      {result.buildId !== null && <meta name={BUILD_META} content={result.buildId} />}
      <FirstView
        queries={[
          sessionQuery(),
          openRunsQuery(),
          // Every page shows these.
          shortcutsQuery(),
          ...(permissions.includes('access:manage') ? [accessRequestsQuery()] : []),
          ...(named?.kind === 'run' ? [runQuery(named.id)] : []),
        ]}
      >
        <Shell user={{ username, role }} session={{ userId, permissions, grants }}>
          {children}
        </Shell>
      </FirstView>
    </Providers>
  )
}
