import { Button } from '@mantine/core'
import { IconArrowBackUp, IconSquare, IconTable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useCancelRun, useRetryRun } from '@/lib/client/jobs/change-runs'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { sessionQuery } from '@/lib/client/session/session'
import type { AddedFiles } from '@/lib/contract/table/added-files'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { paths } from '@/lib/paths/paths'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { countUncorrected } from './corrections'
import { findUndo } from './find-undo'
import { isLoadOfFiles, isOutcomeUnknown, type TableLoad } from './table-load'
import classes from './load-run.module.css'

/** The same request would fail again: its user has to change it. */
const UNREPEATABLE: readonly string[] = ['rows-rejected', 'invalid-request', 'version-conflict']

type LoadActionsProps = {
  run: TableLoad
  past: PastLoad | undefined
  /** The snapshot of the load; undefined while it is not known, or not in the table. */
  commit: AddedFiles | undefined
}

/** The next steps of the user, by the state of the run. */
export function LoadActions({ run, past, commit }: LoadActionsProps) {
  if (run.state === 'succeeded') return <LoadedActions {...{ run, past, commit }} />
  return (
    <>
      <LogLink run={run} />
      {run.canChange && (run.finishedAtMs === null ? <CancelLoad run={run} /> : <RetryLoad run={run} past={past} />)}
    </>
  )
}

function LogLink({ run }: { run: TableLoad }) {
  return <Link href={paths.run(run.id)}>Open the log</Link>
}

function LoadedActions({ run, past, commit }: LoadActionsProps) {
  const { table } = run
  // The branch is known from the request of a load.
  const undo = past === undefined || commit === undefined ? null : findUndo(commit, past.landing.branch ?? MAIN_BRANCH)
  const canCorrect = run.canChange && past !== undefined && past.recordsSaved > 0
  return (
    <>
      <LogLink run={run} />
      {run.canChange && undo !== null && undo.parentSnapshotId !== null && (
        <Button
          component={Link}
          href={snapshotPaths.refMove(table, undo.branch, { snapshotId: undo.parentSnapshotId })}
          variant="default"
          leftSection={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />}
        >
          Roll back…
        </Button>
      )}
      {commit !== undefined && (
        <Button
          component={Link}
          href={paths.table(table, 'data', { snapshotId: commit.snapshotId })}
          variant="default"
          leftSection={<IconTable size={15} stroke={1.6} aria-hidden />}
        >
          See the rows
        </Button>
      )}
      {canCorrect && (
        <Button
          component={Link}
          href={paths.loadAgain(table, run.id)}
          variant={isUnderWay(past) || countUncorrected(past) === 0 ? 'default' : 'filled'}
        >
          Correct and load again
        </Button>
      )}
    </>
  )
}

/** A load whose rows were rejected would reject them again: it is changed first. */
function RetryLoad({ run, past }: Pick<LoadActionsProps, 'run' | 'past'>) {
  const router = useRouter()
  const retry = useRetryRun()
  const { data: session } = useQuery(sessionQuery())
  const hasUploads = past?.files.some(({ input }) => input !== null && 'uploadId' in input) === true
  if (hasUploads && session && session.username !== run.actor)
    return <span className="secondary">Only {run.actor} can load these uploads again.</span>
  // It failed while it waited for its files: they are chosen again.
  const lacksFiles = run.state === 'failed' && run.startedAtMs === null
  if (isLoadOfFiles(run) && (lacksFiles || UNREPEATABLE.includes(run.error?.code ?? '')))
    return (
      <Button component={Link} href={paths.loadAgain(run.table, run.id)}>
        Change and load again
      </Button>
    )
  return (
    <>
      {retry.error && <ProblemNote error={retry.error} subject={run.title} unchanged="No run was queued." />}
      <WaitingButton
        loading={retry.isPending}
        onClick={() => retry.mutate(run.id, { onSuccess: ({ run: next }) => router.push(paths.loadRun(next.id)) })}
      >
        Try again
      </WaitingButton>
    </>
  )
}

/** The button that was pressed is no longer there. */
function focusAtOnce(element: HTMLElement | null): void {
  element?.focus()
}

function CancelLoad({ run }: { run: TableLoad }) {
  const cancel = useCancelRun()
  const [isConfirming, setIsConfirming] = useState(false)
  if (run.isCancelRequested)
    return (
      <span className="secondary">
        {isOutcomeUnknown(run)
          ? 'This load is being cancelled, unless its commit is found.'
          : 'This load is being cancelled, and its files are being removed.'}
      </span>
    )
  if (!isConfirming)
    return (
      <Button
        variant="default"
        leftSection={<IconSquare size={14} stroke={1.6} aria-hidden />}
        onClick={() => setIsConfirming(true)}
      >
        {run.startedAtMs === null || isOutcomeUnknown(run) ? 'Cancel the load…' : 'Cancel, leave nothing behind…'}
      </Button>
    )
  return (
    <div className={classes.confirm} role="group" aria-label="Cancel the load">
      {cancel.error && <ProblemNote error={cancel.error} subject={run.title} unchanged="The run was not changed." />}
      <span className="secondary">{cancelText(run)}</span>
      <Button ref={focusAtOnce} variant="default" onClick={() => setIsConfirming(false)}>
        {run.startedAtMs === null ? 'Keep waiting' : 'Keep running'}
      </Button>
      <WaitingButton color="red" loading={cancel.isPending} onClick={() => cancel.mutate(run.id)}>
        Cancel load
      </WaitingButton>
    </div>
  )
}

function cancelText(run: TableLoad): string {
  if (run.startedAtMs === null)
    return 'The load will not begin, and the table stays as it is. Its uploads can be loaded until they expire.'
  if (isOutcomeUnknown(run))
    return 'Lakeshore looks for the commit first. If it was made, the cancel comes too late, and the rows stay. Otherwise the files of the load are removed, and the table stays as it is.'
  return 'The files that it has written will be removed. The table stays as it is.'
}

/** Whether a correction may still load what is missing. */
function isUnderWay({ corrections }: PastLoad): boolean {
  return corrections.some(({ state }) => state !== 'succeeded')
}
