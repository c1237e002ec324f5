import type { Metadata } from 'next'
import { RunPanel } from '@/components/operate/jobs/run-panel'

/** Until the run is known; then the panel names it. */
export const metadata: Metadata = { title: 'Run · Jobs' }

/** The layout of the console brings the run, which the breadcrumbs name. */
export default async function RunPage({ params }: { params: Promise<{ run: string }> }) {
  const { run } = await params
  return <RunPanel key={run} runId={decodeURIComponent(run)} />
}
