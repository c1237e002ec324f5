import { Button } from '@mantine/core'
import Link from 'next/link'
import { phaseText } from '@/components/about/run-texts'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import { useCancelRun } from '@/lib/client/jobs/change-runs'
import type { Run } from '@/lib/contract/jobs'
import { doneShare } from '@/lib/contract/run-kinds'
import { paths } from '@/lib/paths/paths'
import classes from './run-line.module.css'

/** The progress of a run that waits or is in progress, in one line. */
export function RunLine({ run }: { run: Run }) {
  const cancel = useCancelRun()
  const phase = run.state === 'queued' ? 'waiting for a worker' : phaseText(run.kind, run.progress)
  return (
    <div className={classes.line}>
      <div className={classes.bar}>
        <ProgressBar label={run.title} share={doneShare(run.progress)} valueText={phase} />
      </div>
      <span className={classes.phase}>{phase}</span>
      <Link href={paths.run(run.id)} prefetch={false}>
        Run
      </Link>
      {run.canChange && (
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
