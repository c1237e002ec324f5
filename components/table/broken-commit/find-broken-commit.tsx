'use client'
import { Button, Textarea } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { type ReactNode, useMemo, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import { Operation } from '@/components/table/impact/operation'
import { summaryFacts } from '@/components/table/impact/summary-facts'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Toolbar } from '@/components/ui/toolbar'
import { CodeBlock } from '@/components/ui/values/code-block'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import { tableQuery } from '@/lib/client/table/tables'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatQuantity } from '@/lib/format/count'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import classes from './find-broken-commit.module.css'
import {
  conditionStatement,
  costQuestion,
  type FoundChanges,
  type SearchStep,
  useBrokenCommitSearch,
  VERDICTS,
} from './use-broken-commit-search'

const LazySearchProblem = lazyComponent(async () => (await import('./search-problem')).SearchProblem)
const LazySearchedSnapshots = lazyComponent(async () => (await import('./searched-snapshots')).SearchedSnapshots)

/** Searches the snapshots of a branch for the commit after which a condition in SQL is false. */
export function FindBrokenCommit() {
  const { table, detail } = useShownTable()
  const [branch, setBranch] = useQueryState(
    'branch',
    parseAsString.withDefault('main').withOptions({ history: 'push' }),
  )
  const tip = detail.refs.find(({ name, type }) => type === 'branch' && name === branch)?.snapshotId ?? null
  return (
    <SubPage title="Find breaking commit">
      <Toolbar>
        <SubPageTitle table={table} title="Find breaking commit" />
        <BranchChoice refs={detail.refs} branch={branch} onChange={(name) => void setBranch(name)} />
      </Toolbar>
      {tip === null ? (
        <EmptyState>
          {branch === 'main' ? 'The table has no snapshots yet.' : `The table has no snapshot on ${branch}.`}
        </EmptyState>
      ) : (
        <Lineage key={tip} table={table} branch={branch} tip={tip} />
      )}
    </SubPage>
  )
}

function Lineage({ table, branch, tip }: { table: TableIdentifier; branch: string; tip: string }) {
  const { detail } = useShownTable()
  const query = useInfiniteQuery(snapshotsQuery(table, { upTo: tip }))
  const snapshots = useMemo(() => query.data?.snapshots.toReversed() ?? [], [query.data])
  // The page may show a past state, with another schema than the current one.
  const { isCurrent } = detail.shown
  const current = useQuery({ ...tableQuery(table, {}), enabled: !isCurrent })
  const schema = isCurrent ? detail.schema : current.data?.schema
  if (!query.isSuccess)
    return <Unloaded query={query} className={classes.body} skeleton={[8, 3, 'Reading snapshots']} />
  if (!schema) return <Unloaded query={current} className={classes.body} skeleton={[8, 3, 'Reading the schema']} />
  const { totalCount } = query.data
  return <Search table={table} branch={branch} schema={schema} snapshots={snapshots} totalCount={totalCount} />
}

type SearchProps = {
  table: TableIdentifier
  branch: string
  /** The current one. */
  schema: Schema
  /** The oldest first. */
  snapshots: readonly Snapshot[]
  totalCount: number
}

function Search({ table, branch, schema, snapshots, totalCount }: SearchProps) {
  const [{ condition: shared }, setAddress] = useQueryStates({ condition: parseAsString })
  const [condition, setCondition] = useState(shared ?? '')
  const { state, start, cancel } = useBrokenCommitSearch(table, schema)
  const { steps, isRunning, result, problem, prompt } = state
  const isEmpty = condition.trim() === ''
  const run = (isFull: boolean) => {
    void setAddress({ condition: condition.trim() })
    start(condition.trim(), snapshots, { isFull })
  }
  return (
    <div className={classes.body}>
      <div className={classes.search}>
        <Textarea
          label="SQL condition that should be true"
          description="Use an aggregate that returns true or false."
          placeholder={exampleCondition(schema)}
          rows={3}
          value={condition}
          onChange={(event) => setCondition(event.currentTarget.value)}
          className={classes.condition ?? ''}
        />
        {!isEmpty && (
          <CodeBlock label="The statement of a step" className={classes.statement}>
            {conditionStatement(table, condition.trim(), snapshots.at(-1)?.snapshotId ?? '…')}
          </CodeBlock>
        )}
        <p className={classes.quiet}>
          Binary search over {formatQuantity(snapshots.length, 'snapshot')} of {branch}; assumes one change from true to
          false. To find several changes, test every snapshot. Columns have their current names at every snapshot.
          {totalCount > snapshots.length &&
            ` Only the newest ${snapshots.length} of ${totalCount} snapshots are searched.`}
        </p>
        <div className="row wrap gap-8">
          <Button disabled={isEmpty || isRunning} onClick={() => run(false)}>
            Find the commit
          </Button>
          <Button variant="default" disabled={isEmpty || isRunning} onClick={() => run(true)}>
            Test every snapshot
          </Button>
          {isRunning && (
            <Button variant="default" onClick={cancel}>
              Cancel
            </Button>
          )}
        </div>
        {prompt && (
          <div className="row wrap gap-8" role="status">
            <span>{costQuestion(prompt.cost)}</span>
            <Button variant="default" onClick={() => prompt.answer(true)}>
              Read on
            </Button>
            <Button variant="subtle" onClick={() => prompt.answer(false)}>
              Stop
            </Button>
          </div>
        )}
        {result && <Result table={table} branch={branch} snapshots={snapshots} result={result} steps={steps} />}
        {problem !== null && <LazySearchProblem problem={problem} />}
        {steps.length > 0 && <Steps steps={steps} />}
      </div>
      <LazySearchedSnapshots snapshots={snapshots} steps={steps} branch={branch} />
    </div>
  )
}

/** A condition that the table could have. */
function exampleCondition({ fields }: Schema): string {
  const name = fields.find((field) => /^[a-z_][a-z0-9_]*$/.test(field.name))?.name
  return name === undefined ? 'count(*) > 0' : `count(*) filter (where ${name} is null) = 0`
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
