'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Operation } from '@/components/table/impact/operation'
import { summaryFacts } from '@/components/table/impact/summary-facts'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import classes from './find-broken-commit.module.css'
import { SearchProblem } from './search-problem'
import { type FoundChanges, type SearchStep, VERDICTS } from './use-broken-commit-search'

/** The result of a search as far as it has come, and its steps. */
export function SearchOutcome({
  result,
  problem,
  ...searched
}: Omit<ResultProps, 'result'> & { result: FoundChanges | null; problem: string | null }) {
  return (
    <>
      {result && <Result {...searched} result={result} />}
      {problem !== null && <SearchProblem problem={problem} />}
      {searched.steps.length > 0 && <Steps steps={searched.steps} />}
    </>
  )
}

/** The tests in their order. Those that failed for the same reason are one line, at the first of them. */
function Steps({ steps }: { steps: readonly SearchStep[] }) {
  const groups = [...Map.groupBy(steps, ({ problem, snapshot }) => problem ?? snapshot.snapshotId).values()]
  return (
    <ol className={classes.steps} aria-label="Steps of the search">
      {groups.map(
        ([first, ...others]) => first && <Step key={first.snapshot.snapshotId} step={first} others={others} />,
      )}
    </ol>
  )
}

/** @param props.others tests of other snapshots that failed for the same reason */
function Step({ step, others }: { step: SearchStep; others: readonly SearchStep[] }) {
  const { snapshot, verdict, problem, absentColumns } = step
  const ids = [step, ...others].map((each) => each.snapshot.snapshotId)
  return (
    <li className={classes.step}>
      <span className={classes.verdict} data-verdict={verdict ?? 'testing'}>
        {verdict === null ? 'testing…' : VERDICTS[verdict]}
      </span>
      {others.length > 0 ? (
        <span title={ids.join('\n')}>{formatQuantity(ids.length, 'snapshot')}</span>
      ) : (
        <>
          <code>{snapshot.snapshotId}</code>
          <ExactTime atMs={snapshot.committedAtMs} />
          <Operation operation={snapshot.operation} />
        </>
      )}
      {absentColumns.length > 0 && (
        <span className="quiet">{absentColumns.join(', ')}: not in this snapshot, so null or the initial default</span>
      )}
      {problem !== null && <span className={classes.problem}>{problem}</span>}
    </li>
  )
}

type ResultProps = {
  table: TableIdentifier
  branch: string
  snapshots: readonly Snapshot[]
  result: FoundChanges
  steps: readonly SearchStep[]
}

function Result({ result, steps, ...searched }: ResultProps) {
  const { snapshots } = searched
  const failedCount = steps.filter(({ verdict }) => verdict === 'failed').length
  if (result.kind === 'full') {
    if (failedCount === snapshots.length) return <Message>The test failed at every snapshot.</Message>
    const untested = `Error at ${formatQuantity(failedCount, 'snapshot')}: the search may have missed a change.`
    if (result.flips.length === 0)
      return (
        <Message>
          {failedCount === 0
            ? 'No commit broke the condition: it never changed from true to false.'
            : `No change from true to false at ${formatQuantity(snapshots.length - failedCount, 'testable snapshot')}. ${untested}`}
        </Message>
      )
    return (
      <>
        {result.flips.map(({ firstBad, lastGood }) => (
          <BrokenCommit key={firstBad} {...searched} firstBad={firstBad} lastGood={lastGood} />
        ))}
        {failedCount > 0 && <p className={classes.quiet}>{untested}</p>}
      </>
    )
  }
  const { outcome } = result
  switch (outcome.kind) {
    case 'found':
    case 'narrowed':
      return <BrokenCommit {...searched} {...outcome} />
    case 'good-at-end': {
      const newer = snapshots.length - 1 - outcome.index
      return (
        <Message>
          Still true at the newest {newer === 0 ? '' : 'testable '}snapshot, {snapshots[outcome.index]?.snapshotId}.
          {newer > 0 && ` Error at ${formatQuantity(newer, 'newer snapshot')}.`}
        </Message>
      )
    }
    case 'bad-from-start': {
      const older = outcome.index
      return (
        <Message>
          Already false at the oldest {older === 0 ? 'searched' : 'testable'} snapshot,{' '}
          {snapshots[outcome.index]?.snapshotId}.
          {older > 0 && ` Error at ${formatQuantity(older, 'older snapshot')}: an earlier commit may have broken it.`}
        </Message>
      )
    }
    case 'unknown':
      return <Message>The test failed at every snapshot.</Message>
  }
}

function Message({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="bare medium">
      {children}
    </p>
  )
}

/** The first snapshot at which the condition is false, and what to do about it. */
function BrokenCommit({
  table,
  branch,
  snapshots,
  firstBad,
  lastGood,
}: Omit<ResultProps, 'result' | 'steps'> & { firstBad: number; lastGood: number }) {
  const [bad, good] = [snapshots[firstBad], snapshots[lastGood]]
  if (!bad || !good) return null
  const facts: Fact[] = [
    ['Committed', <ExactTime key="committed" atMs={bad.committedAtMs} />],
    ['Operation', bad.operation],
    ['Writer', bad.writer ?? '–'],
    ...summaryFacts(Object.fromEntries(Object.entries(bad.summary).filter(([key]) => key !== 'operation'))),
  ]
  const untested = firstBad - lastGood - 1
  return (
    <section className={classes.found} aria-label="Breaking commit">
      <Message>
        Became false at snapshot <code>{bad.snapshotId}</code>
        {untested === 1 && ' or at the snapshot before it, where the test failed'}
        {untested > 1 && ` or at one of the ${formatQuantity(untested, 'snapshot')} before it, where the test failed`}
      </Message>
      <Facts facts={facts} />
      <div className="row wrap gap-8">
        <Button
          component={Link}
          variant="default"
          href={snapshotPaths.comparison(table, {
            before: { snapshotId: good.snapshotId },
            after: { snapshotId: bad.snapshotId },
          })}
        >
          Compare with the snapshot before
        </Button>
        <Button
          component={Link}
          variant="default"
          href={snapshotPaths.refMove(table, branch, { snapshotId: good.snapshotId })}
        >
          Roll back to the snapshot before…
        </Button>
      </div>
    </section>
  )
}
