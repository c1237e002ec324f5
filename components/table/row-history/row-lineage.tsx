'use client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { ConditionReadAs } from '@/components/table/rows/filter/read-as'
import { filterColumns } from '@/components/table/rows/filter/filter-columns'
import { needsOtherSchemas } from '@/components/table/rows/filter/row-filter'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote, type ProblemNoteProps } from '@/components/ui/notes/problem-note'
import { PageFooter } from '@/components/ui/page-footer'
import { ExactTime } from '@/components/ui/values/exact-time'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import { tableSchemasQuery } from '@/lib/client/table/table-schemas'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import classes from './row-history.module.css'
import { type RowHistoryOptions, useRowHistory } from './use-row-history'
import { VersionTable } from './version-table'

type HistoryProps = { table: TableIdentifier; condition: string; fields: readonly NestedField[] }

/** The versions of the row that meets a condition, in the snapshots of a branch. */
export function RowLineage({ tip, metadataLocation, ...props }: HistoryProps & Position) {
  const query = useInfiniteQuery(snapshotsQuery(props.table, { upTo: tip }))
  const needsSchemas = needsOtherSchemas(props.condition, props.fields)
  const schemas = useQuery({ ...tableSchemasQuery(props.table, metadataLocation), enabled: needsSchemas })
  if (!query.isSuccess)
    return <Unloaded query={query} className={classes.note} skeleton={[8, 3, 'Reading snapshots']} />
  if (needsSchemas && !schemas.isSuccess)
    return <Unloaded query={schemas} className={classes.note} skeleton={[8, 3, 'Reading schemas']} />
  return <Versions {...props} snapshots={query.data.snapshots} otherSchemas={schemas.data ?? NO_SCHEMAS} />
}

type Position = { tip: string; metadataLocation: string }

/** A condition that leads to no single row is best answered with a better one, before the reason. */
function adviceFirst(error: unknown): Pick<ProblemNoteProps, 'title' | 'next'> {
  const hint = error instanceof AppError && error.code === 'too-large' ? error.facts['hint'] : null
  return typeof hint === 'string' ? { title: hint, next: null } : {}
}

const NO_SCHEMAS: RowHistoryOptions['otherSchemas'] = []

function Versions(options: RowHistoryOptions) {
  const { table, condition, fields, snapshots } = options
  const { state, hasOlder, readOlder } = useRowHistory(options)
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
              {...adviceFirst(error)}
              subject={`${namespaceLabel(table.namespace)}.${table.table} at snapshot ${snapshots[readCount]?.snapshotId ?? ''}`}
            />
          </div>
        )}
        {entries.length > 0 && <VersionTable table={table} entries={entries} fields={fields} />}
        {!isReading && error === null && entries.length === 0 && (
          <EmptyState>
            {hasOlder
              ? `No commit changed the row in the last ${formatQuantity(readCount, 'snapshot')}.`
              : 'No commit in the history of the table changed this row.'}
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
