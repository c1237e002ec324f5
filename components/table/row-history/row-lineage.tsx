'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { ConditionReadAs } from '@/components/table/rows/filter/read-as'
import { filterColumns } from '@/components/table/rows/filter/row-filter'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { PageFooter } from '@/components/ui/page-footer'
import { ExactTime } from '@/components/ui/values/exact-time'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import classes from './row-history.module.css'
import { useRowHistory } from './use-row-history'
import { VersionTable } from './version-table'

type HistoryProps = { table: TableIdentifier; condition: string; fields: readonly NestedField[] }

/** The versions of the row that meets a condition, in the snapshots of a branch. */
export function RowLineage({ tip, ...props }: HistoryProps & { tip: string }) {
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
        <ConditionReadAs text={condition} columns={filterColumns(fields)} />
        {error !== null && (
          <div className={classes.problem}>
            <ProblemNote
              error={error}
              subject={`${namespaceLabel(table.namespace)}.${table.table} at snapshot ${snapshots[readCount]?.snapshotId ?? ''}`}
            />
          </div>
        )}
        {entries.length > 0 && <VersionTable table={table} entries={entries} fields={fields} />}
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
