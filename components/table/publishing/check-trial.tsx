'use client'
import { useState } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useRunDraftCheck } from '@/lib/client/table/publications'
import type { CheckResult } from '@/lib/contract/table/publications'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { CheckLine } from './check-state'
import classes from './results-panel.module.css'
import { ViolationTable } from './violation-table'

type CheckTrialProps = {
  /** The check, for labels. */
  label: string
  sql: string
  /** Whether the SQL can be a check at all. */
  isRunnable: boolean
}

/** Runs the SQL of a check before it is saved, on a branch, and shows the result. Nothing is committed or stored. */
export function CheckTrial({ label, sql, isRunnable }: CheckTrialProps) {
  const { table, detail } = useShownTable()
  const branches = detail.refs.filter(({ type }) => type === 'branch').toSorted(mainFirst)
  const [chosen, setChosen] = useState<string | null>(null)
  const run = useRunDraftCheck(table)
  const branch = branches.find(({ name }) => name === chosen) ?? branches[0]
  if (branch === undefined)
    return <p className="bare secondary dense">Without a snapshot there is nothing to try it on.</p>
  const of = run.variables
  // A result belongs to its text and its snapshot.
  const isShown = of?.sql === sql && of.snapshotId === branch.snapshotId
  return (
    <div className="stack gap-8">
      <div className="flow gap-8">
        {branches.length > 1 && (
          <LazySelect
            aria-label={`Branch to try ${label} on`}
            value={branch.name}
            data={branches.map(({ name }) => name)}
            allowDeselect={false}
            onChange={(name) => setChosen(name)}
          />
        )}
        <WaitingButton
          variant="default"
          loading={run.isPending}
          disabled={!isRunnable}
          aria-label={`Try on ${branch.name}: ${label}`}
          onClick={() => run.mutate({ sql, snapshotId: branch.snapshotId })}
        >
          Try on {branch.name}
        </WaitingButton>
      </div>
      <div role="status">
        {isShown && run.data && <Result result={toCheckResult(`result on ${branch.name}`, run.data)} />}
        {run.isPending && <p className={classes.at}>Running. This takes 45 seconds at most.</p>}
      </div>
      {isShown && run.error && <ProblemNote error={run.error} subject="The check" />}
    </div>
  )
}

function Result({ result }: { result: CheckResult }) {
  return (
    <div className={classes.check}>
      <CheckLine check={{ ...result, message: null }} />
      {result.message !== null && <p className={classes.message}>{result.message}</p>}
      {result.rows.length > 0 && <ViolationTable check={result} />}
      <p className={classes.at}>Not saved and not committed.</p>
    </div>
  )
}

function toCheckResult(
  name: string,
  result: Omit<CheckResult, 'name' | 'staleReason' | 'checkedAtMs' | 'isHidden'>,
): CheckResult {
  return { name, staleReason: null, checkedAtMs: null, isHidden: false, ...result }
}

function mainFirst(a: { name: string }, b: { name: string }): number {
  return Number(b.name === MAIN_BRANCH) - Number(a.name === MAIN_BRANCH)
}
