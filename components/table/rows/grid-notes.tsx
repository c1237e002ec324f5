import { type ReactNode, useMemo } from 'react'
import { AddressProblems } from '@/components/ui/notes/address-problems'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import type { ReadState } from '@/lib/client/rows/read-state'
import type { RowStore } from '@/lib/client/rows/row-store'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { DeletedRowsNote } from './deleted-rows'
import type { ExportState } from './export/use-rows-export'
import classes from './grid-notes.module.css'
import { rowsAddressChecks } from './rows-address-checks'

type GridNotesProps = {
  /** Name of the table. */
  name: string
  store: Pick<RowStore, 'retry' | 'countRows'>
  state: ReadState
  plan: Pick<SignedScanPlan, 'rowCount'>
  fields: readonly NestedField[]
  isFiltered: boolean
  showsDeleted: boolean
  exportState: ExportState
  /** The note about the sort. */
  sort: ReactNode
}

/** The notes above a grid of rows: failures, parameters of the address that the page does not follow, and the sort. */
export function GridNotes({
  name,
  store,
  state: { rowCount, counting, problem, search },
  plan,
  fields,
  isFiltered,
  showsDeleted,
  exportState,
  sort,
}: GridNotesProps) {
  const countedRows = counting === 'exact' ? rowCount : plan.rowCount
  const addressChecks = useMemo(
    () => rowsAddressChecks({ rowCount: countedRows, fields, isFiltered }),
    [countedRows, fields, isFiltered],
  )
  return (
    <>
      {exportState.kind === 'failed' && (
        <div className={classes.problem}>
          <ProblemNote title="The export failed" error={exportState.error} subject={name} />
        </div>
      )}
      {showsDeleted && <DeletedRowsNote />}
      <AddressProblems checks={addressChecks} />
      {sort}
      {problem && (
        <div className={classes.problem}>
          <ProblemNote error={problem} subject={name} onRetry={() => store.retry()} />
        </div>
      )}
      {search?.problem && (
        <div className={classes.problem}>
          <ProblemNote error={search.problem} subject={name} onRetry={() => store.countRows()} />
        </div>
      )}
    </>
  )
}
