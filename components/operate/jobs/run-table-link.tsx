import { TableLink } from '@/components/about/table-link'
import { Unknown } from '@/components/ui/values/unknown'
import type { Run } from '@/lib/contract/jobs'

/** A link to the table of a run, at the snapshot that the run created, if any. */
export function RunTableLink({ run: { table, outcome } }: { run: Pick<Run, 'table'> & Partial<Pick<Run, 'outcome'>> }) {
  if (table === null) return <Unknown reason="this run is not about a single table" />
  const snapshotId = outcome?.snapshotId
  return (
    <TableLink
      table={table}
      {...(typeof snapshotId === 'string' && { tab: 'snapshots' as const, asOf: { snapshotId } })}
    />
  )
}
