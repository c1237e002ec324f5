'use client'
import { Button, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsString, useQueryStates } from 'nuqs'
import { type FormEvent, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import { Operation } from '@/components/table/impact/operation'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { PageFooter } from '@/components/ui/page-footer'
import { Toolbar } from '@/components/ui/toolbar'
import { ExactTime } from '@/components/ui/values/exact-time'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { type ComparedColumn, listComparedColumns } from '@/lib/scan/compare/compared-columns'
import { type RowVersion, type RowVersionChange, valueOf } from '@/lib/scan/compare/row-versions'
import { lineText } from '@/lib/scan/value-text'
import classes from './row-history.module.css'
import { ConditionReadAsUtc } from '@/components/table/rows/filter/read-as-utc'
import { filterColumns } from '@/components/table/rows/filter/row-filter'
import { type HistoryEntry, useRowHistory } from './use-row-history'

/** One row of a table across the snapshots of a branch, with the change of each commit. */
export function RowHistory() {
  const { table, detail } = useShownTable()
  const [{ row, branch }, setAddress] = useQueryStates(
    { row: parseAsString, branch: parseAsString },
    { history: 'push' },
  )
  const [text, setText] = useState(row ?? '')
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
        <EmptyState>
          Identify the row, e.g. <code>id = 42</code>.
        </EmptyState>
      ) : tip === null ? (
        <EmptyState>The table has no snapshot on {branch ?? 'main'}.</EmptyState>
      ) : (
        <Lineage key={`${row} ${tip}`} table={table} condition={row} tip={tip} fields={detail.schema.fields} />
      )}
    </SubPage>
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
      <div className={classes.list} aria-busy={isReading}>
        {currentRowCount !== null && (
          <p className="quiet small">
            {currentRowCount === 0
              ? 'No current row matches.'
              : `${formatQuantity(currentRowCount, 'current row')} ${currentRowCount === 1 ? 'matches' : 'match'}.`}
          </p>
        )}
        <ConditionReadAsUtc text={condition} columns={filterColumns(fields)} />
        <ol className="bare-list">
          {entries.map((entry) => (
            <Entry key={entry.snapshot.snapshotId} table={table} entry={entry} fields={fields} />
          ))}
        </ol>
        {error !== null && (
          <ProblemNote
            error={error}
            subject={`${namespaceLabel(table.namespace)}.${table.table} at snapshot ${snapshots[readCount]?.snapshotId ?? ''}`}
          />
        )}
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

function Entry({
  table,
  entry,
  fields,
}: {
  table: TableIdentifier
  entry: HistoryEntry
  fields: readonly NestedField[]
}) {
  const { snapshot, changes } = entry
  const { snapshotId, parentSnapshotId, committedAtMs, operation, writer } = snapshot
  return (
    <li className={classes.entry}>
      <p className={classes.commit}>
        <ExactTime atMs={committedAtMs} /> <Operation operation={operation} />
        <span className="quiet small">{writer ?? 'unknown writer'}</span>
        {parentSnapshotId === null ? (
          <code>{snapshotId}</code>
        ) : (
          <Link
            href={snapshotPaths.comparison(table, { before: { snapshotId: parentSnapshotId }, after: { snapshotId } })}
            title="Compare with its parent"
          >
            <code>{snapshotId}</code>
          </Link>
        )}
      </p>
      {changes.map((change, i) => (
        // Changes of one snapshot have no identity but their position.
        <Change key={`${i}`} change={change} fields={fields} />
      ))}
    </li>
  )
}

const KIND_LABELS = { in: 'added', out: 'removed', changed: 'changed' } as const

function Change({
  change: { kind, before, after, changed },
  fields,
}: {
  change: RowVersionChange
  fields: readonly NestedField[]
}) {
  const timeZone = useTimeZone()
  const columns = kind === 'changed' ? changed : listComparedColumns(fields)
  return (
    <div className={classes.change}>
      <b className={classes[kind]}>{KIND_LABELS[kind]}</b>
      <dl className={classes.values}>
        {columns.map((column) => (
          <div key={column.fieldId}>
            <dt>
              <VisibleText>{column.path.join('.')}</VisibleText>
            </dt>
            <dd>
              {before && <del>{label(column, before, timeZone)}</del>}{' '}
              {after && <ins>{label(column, after, timeZone)}</ins>}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function label(column: ComparedColumn, row: RowVersion, timeZone: string): string {
  const value = valueOf(column, row)
  if (value === undefined || value === null) return 'null'
  return value === '' ? 'empty' : visibleText(lineText(column.type, value, timeZone))
}
