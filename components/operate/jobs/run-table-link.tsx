import { TableLink } from '@/components/about/table-link'
import { Unknown } from '@/components/ui/values/unknown'
import type { Run } from '@/lib/contract/jobs'

/** A link to the table of a run, at the snapshot that the run created if there is one. */
export function RunTableLink({ run: { place, outcome } }: { run: Pick<Run, 'place'> & Partial<Pick<Run, 'outcome'>> }) {
  if (place === null) return <Unknown reason="this run is not about a single table" />
  const snapshotId = outcome?.snapshotId
  return (
    <TableLink
      table={place}
      {...(typeof snapshotId === 'string' && { tab: 'snapshots' as const, asOf: { snapshotId } })}
    />
  )
}
