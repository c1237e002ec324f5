'use client'
import { Button, Textarea } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Toolbar } from '@/components/ui/toolbar'
import { CodeBlock } from '@/components/ui/values/code-block'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import { tableQuery } from '@/lib/client/table/tables'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatQuantity } from '@/lib/format/count'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './find-broken-commit.module.css'
import { conditionStatement, costQuestion, useBrokenCommitSearch } from './use-broken-commit-search'

const LazySearchOutcome = lazyComponent(async () => (await import('./search-outcome')).SearchOutcome)
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
        {(steps.length > 0 || problem !== null) && (
          <LazySearchOutcome {...{ table, branch, snapshots, result, problem, steps }} />
        )}
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
