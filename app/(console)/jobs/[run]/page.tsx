import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { RunPanel } from '@/components/jobs/run-panel'
import { runQuery } from '@/lib/client/jobs'

/** Until the run is known; then the panel names it. */
export const metadata: Metadata = { title: 'Run · Jobs' }

export default async function RunPage({ params }: { params: Promise<{ run: string }> }) {
  const { run } = await params
  const runId = decodeURIComponent(run)
  return (
    <FirstView queries={[runQuery(runId)]}>
      <RunPanel key={run} runId={runId} />
    </FirstView>
  )
}
