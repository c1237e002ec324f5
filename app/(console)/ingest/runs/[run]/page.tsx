import type { Metadata } from 'next'
import { LoadRunPage } from '@/components/load/run/load-run-page'

/** Until the run is known; then the page names its table. */
export const metadata: Metadata = { title: 'Run · Load' }

/** The layout of the console brings the run, which the breadcrumbs name. */
export default async function LoadRun({ params }: { params: Promise<{ run: string }> }) {
  const { run } = await params
  return <LoadRunPage key={run} runId={decodeURIComponent(run)} />
}
