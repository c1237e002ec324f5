'use client'
import { Button } from '@mantine/core'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { retryFetch } from '@/lib/client/call/retry'
import type { useSqlColumns } from './use-sql-columns'
import type { ViewForm } from './use-view-form'
import classes from './view-form.module.css'

type ColumnsSourceProps = { found: ReturnType<typeof useSqlColumns>; dialect: string; form: ViewForm }

/** The source of the columns, and the result of checking the SQL. */
export function ColumnsSource({ found, dialect, form }: ColumnsSourceProps) {
  const { columns, error, isReading } = found
  if (error)
    return (
      <div className={classes.source}>
        <ProblemNote error={error} subject="The columns of the SQL" onRetry={() => retryFetch(found.refetch)} />
      </div>
    )
  return (
    <div className={classes.source} role="status">
      {isReading ? (
        <p>Reading which columns the SQL returns…</p>
      ) : columns === null ? (
        <p>The columns follow from the SQL, or are written here.</p>
      ) : columns.outcome === 'found' ? (
        form.fields.isByHand ? (
          <>
            <p>These columns are written by hand.</p>
            <Button size="xs" variant="default" onClick={() => form.takeColumns(columns.fields)}>
              Take those of the SQL
            </Button>
          </>
        ) : (
          <p>From the SQL in {[`${dialect}, for you to approve.`, ...columns.notes].join(' ')}</p>
        )
      ) : columns.outcome === 'refused' ? (
        <p className={classes.refused}>{columns.message}</p>
      ) : (
        <UnknownColumns message={columns.message} form={form} />
      )}
    </div>
  )
}

/** The SQL may run elsewhere, and Lakeshore does not know what it returns there. */
function UnknownColumns({ message, form: { fields, change } }: { message: string; form: ViewForm }) {
  if (fields.isByHand) return <p>{message} These columns are written by hand.</p>
  if (fields.columns.schema.fields.length === 0) return <p>{message} Write the columns yourself.</p>
  return (
    <>
      <p>{message} The columns below are from before: write them yourself, or keep them if the SQL returns them.</p>
      <Button size="xs" variant="default" onClick={() => change({ isByHand: true })}>
        Keep these columns
      </Button>
    </>
  )
}
