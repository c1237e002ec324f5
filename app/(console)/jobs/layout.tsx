import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { FirstView, pageAddress } from '@/app/first-view'
import { JobsPage } from '@/components/operate/jobs/jobs-page'
import { endedRunsQuery, schedulesQuery } from '@/lib/client/jobs/runs'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'

export const metadata: Metadata = { title: 'Jobs' }

/** The lists stay in place when a run is opened next to them. */
export default async function JobsLayout({ children }: { children: ReactNode }) {
  const { searchParams } = await pageAddress()
  const state = ENDED_STATES.find((name) => name === searchParams.get('state')) ?? 'ended'
  return (
    <FirstView queries={[endedRunsQuery({ state, kind: searchParams.get('kind') }), schedulesQuery()]}>
      <JobsPage>{children}</JobsPage>
    </FirstView>
  )
}
