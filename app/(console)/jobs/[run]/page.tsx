import { RunPanel } from '@/components/jobs/run-panel'

export default async function RunPage({ params }: { params: Promise<{ run: string }> }) {
  const { run } = await params
  return <RunPanel key={run} runId={decodeURIComponent(run)} />
}
