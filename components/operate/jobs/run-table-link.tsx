import { TableLink } from '@/components/about/table-link'
import type { Run } from '@/lib/contract/jobs'

type RunTableLinkProps = { run: Pick<Run, 'table' | 'bulkChange'> & Partial<Pick<Run, 'outcome'>> }

/** A link to the table of a run, at the snapshot that the run created, if any; otherwise how many tables it is about. */
export function RunTableLink({ run: { table, bulkChange, outcome } }: RunTableLinkProps) {
  if (table === null && bulkChange !== null) return <span className="quiet">several tables</span>
  if (table === null) return <NoSingleTable />
  const snapshotId = outcome?.snapshotId
  return (
    <TableLink
      table={table}
      {...(typeof snapshotId === 'string' && { tab: 'snapshots' as const, asOf: { snapshotId } })}
    />
  )
}

/** A dash that is not an unknown figure: the run is about a catalog, for example. */
function NoSingleTable() {
  return (
    <span className="quiet">
      <span aria-hidden>–</span>
      <span className="sr-only">no single table</span>
    </span>
  )
}
