import { Button } from '@mantine/core'
import Link from 'next/link'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import { useCancelRun } from '@/lib/client/jobs/change-runs'
import type { Run } from '@/lib/contract/jobs'
import { paths } from '@/lib/paths/paths'
import classes from './run-line.module.css'

/** The progress of a run that waits or is in progress, in one line. */
export function RunLine({ run, firstPhase }: { run: Run; firstPhase: string }) {
  const cancel = useCancelRun()
  const {
    phase = run.state === 'queued' ? 'waiting for a worker' : firstPhase,
    bytesRead = 0,
    bytesTotal = 0,
  } = run.progress ?? {}
  return (
    <div className={classes.line}>
      <div className={classes.bar}>
        <ProgressBar label={run.title} share={bytesTotal > 0 ? bytesRead / bytesTotal : null} valueText={phase} />
      </div>
      <span className={classes.phase}>{phase}</span>
      <Link href={paths.run(run.id)} prefetch={false}>
        Run
      </Link>
      {run.mayChange && (
        <Button
          variant="default"
          disabled={run.isCancelRequested || cancel.isPending}
          onClick={() => cancel.mutate(run.id)}
        >
          Cancel
        </Button>
      )}
    </div>
  )
}
