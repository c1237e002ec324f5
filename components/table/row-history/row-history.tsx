'use client'
import { Button, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { parseAsString, useQueryStates } from 'nuqs'
import { type FormEvent, useRef, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { PageFooter } from '@/components/ui/page-footer'
import { Toolbar } from '@/components/ui/toolbar'
import { ExactTime } from '@/components/ui/values/exact-time'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import classes from './row-history.module.css'
import { filterColumns } from '@/components/table/rows/filter/row-filter'
import { useRowHistory } from './use-row-history'

const LazyConditionReadAsUtc = lazyComponent(
  async () => (await import('@/components/table/rows/filter/read-as-utc')).ConditionReadAsUtc,
)
const LazyVersionGrid = lazyComponent(async () => (await import('./version-table')).VersionTable)

/** One row of a table across the snapshots of a branch, with the change of each commit. */
export function RowHistory() {
  const { table, detail } = useShownTable()
  const [{ row, branch }, setAddress] = useQueryStates(
    { row: parseAsString, branch: parseAsString },
    { history: 'push' },
  )
  const [text, setText] = useState(row ?? '')
  const input = useRef<HTMLInputElement>(null)
  const tip = detail.refs.find(({ name, type }) => type === 'branch' && name === (branch ?? 'main'))?.snapshotId ?? null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void setAddress({ row: text.trim() === '' ? null : text.trim() })
  }
  return (
    <SubPage title="Row history">
      <form onSubmit={submit}>
        <Toolbar>
          <SubPageTitle table={table} title="Row history" />
          <TextInput
            className={classes.condition ?? ''}
            ref={input}
            aria-label="The row where"
            placeholder="id = 42"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={text.trim() === ''}>
            Show history
          </Button>
          <BranchChoice
            refs={detail.refs}
            branch={branch ?? 'main'}
            onChange={(name) => void setAddress({ branch: name === 'main' ? null : name })}
          />
        </Toolbar>
      </form>
      {row === null ? (
        <NoRow
          detail={detail}
          onChoose={(name) => {
            setText(`${name} = `)
            input.current?.focus()
          }}
        />
      ) : tip === null ? (
        <EmptyState>The table has no snapshot on {branch ?? 'main'}.</EmptyState>
      ) : (
        <Lineage key={`${row} ${tip}`} table={table} condition={row} tip={tip} fields={detail.schema.fields} />
      )}
    </SubPage>
  )
}

/** Columns that are offered to begin a condition with. */
const MAX_OFFERED_COLUMNS = 6

/** Explains the page, and offers columns to identify a row by: the identifier fields, if the table has them. */
function NoRow({ detail, onChoose }: { detail: TableDetail; onChoose: (name: string) => void }) {
  const { fields, identifierFieldIds } = detail.schema
  // Other names need quotes.
  const primitive = fields.filter(({ type, name }) => typeof type === 'string' && /^[A-Za-z_]\w*$/.test(name))
  const identifiers = primitive.filter(({ id }) => identifierFieldIds.includes(id))
  const offered = (identifiers.length > 0 ? identifiers : primitive).slice(0, MAX_OFFERED_COLUMNS)
  return (
    <EmptyState
      action={
        <div className={classes.offered}>
          {offered.map(({ id, name }) => (
            <Button key={id} variant="default" size="compact-sm" onClick={() => onChoose(name)}>
              {name} = …
            </Button>
          ))}
        </div>
      }
    >
      Identify a row by a condition, such as <code>id = 42</code>. Its history shows which commits added, changed and
      removed it, with the values before and after.
    </EmptyState>
  )
}

type HistoryProps = { table: TableIdentifier; condition: string; fields: readonly NestedField[] }

function Lineage({ tip, ...props }: HistoryProps & { tip: string }) {
  const query = useInfiniteQuery(snapshotsQuery(props.table, { upTo: tip }))
  if (!query.isSuccess)
    return <Unloaded query={query} className={classes.note} skeleton={[8, 3, 'Reading snapshots']} />
  return <Versions {...props} snapshots={query.data.snapshots} />
}

function Versions({ table, condition, fields, snapshots }: HistoryProps & { snapshots: readonly Snapshot[] }) {
  const { state, hasOlder, readOlder } = useRowHistory({ table, condition, fields, snapshots })
  const { entries, readCount, currentRowCount, isReading, error, bytesRead, filesRead } = state
  const oldest = snapshots[readCount - 1]
  return (
    <>
      <div className={classes.result} aria-busy={isReading}>
        {currentRowCount !== null && (
          <p className={classes.matches}>
            {currentRowCount === 0
              ? 'No current row matches.'
              : `${formatQuantity(currentRowCount, 'current row')} ${currentRowCount === 1 ? 'matches' : 'match'}.`}
          </p>
        )}
        <LazyConditionReadAsUtc text={condition} columns={filterColumns(fields)} />
        {error !== null && (
          <div className={classes.problem}>
            <ProblemNote
              error={error}
              subject={`${namespaceLabel(table.namespace)}.${table.table} at snapshot ${snapshots[readCount]?.snapshotId ?? ''}`}
            />
          </div>
        )}
        {entries.length > 0 && <LazyVersionGrid table={table} entries={entries} fields={fields} />}
        {!isReading && error === null && entries.length === 0 && (
          <EmptyState>
            {hasOlder
              ? `No commit changed the row in the last ${formatQuantity(readCount, 'snapshot')}.`
              : 'No commit that the table still has changed the row.'}
          </EmptyState>
        )}
      </div>
      <PageFooter>
        <span role="status">
          {isReading ? 'reading… ' : ''}
          {formatQuantity(readCount, 'snapshot')} of {snapshots.length}
        </span>
        <span>
          {formatQuantity(filesRead, 'file')} and {formatBytes(bytesRead)} read
        </span>
        {oldest && (
          <span>
            back to <ExactTime atMs={oldest.committedAtMs} />
          </span>
        )}
        {hasOlder && error === null && (
          <WaitingButton variant="subtle" loading={isReading} onClick={readOlder}>
            Older…
          </WaitingButton>
        )}
      </PageFooter>
    </>
  )
}
