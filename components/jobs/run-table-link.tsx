import { TableLink } from '@/components/dashboards/table-link'
import { Unknown } from '@/components/ui/values/unknown'
import type { Run } from '@/lib/contract/jobs'

/** The table a run is about; as of the snapshot it made, where it made one. */
export function RunTableLink({ run: { place, outcome } }: { run: Pick<Run, 'place'> & Partial<Pick<Run, 'outcome'>> }) {
  if (place === null) return <Unknown reason="this is about no single table" />
  const snapshotId = outcome?.snapshotId
  return (
    <TableLink
      table={place}
      {...(typeof snapshotId === 'string' && { tab: 'snapshots' as const, asOf: { snapshotId } })}
    />
  )
}
