import { NOT_SENT, useReview } from '@/components/changes/action/use-review'
import { Unloaded } from '@/components/shell/unloaded'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { refRetentionQuery } from '@/lib/client/table/refs'
import type { RefRetentionPreview } from '@/lib/contract/table/refs'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'

type RetentionImpactProps = { table: TableIdentifier; requested: Parameters<typeof refRetentionQuery>[1] }

/** The snapshots that a ref reaches, and those that it would retain in an expiry. */
export function RetentionImpact({ table, requested }: RetentionImpactProps) {
  const { query: preview } = useReview(refRetentionQuery(table, requested), NOT_SENT)
  if (!preview.isSuccess)
    return <Unloaded query={preview} subject={entryLabel(table)} skeleton={[6, 2, 'Reading the snapshot']} />
  return (
    <section aria-label="Impact">
      <Facts facts={impactFacts(preview.data, requested.refName === null)} isInSidePanel />
    </section>
  )
}

function impactFacts({ expiry, ...snapshot }: RefRetentionPreview, isNew: boolean): Fact[] {
  const { committedAtMs, schemaId, rowCount, dataFileCount, deleteFileCount, sizeBytes } = snapshot
  const files: Fact[] = [
    ['Committed', <ExactTime key="committed" atMs={committedAtMs} />],
    ['Rows in data files', formatCount(rowCount)],
    ['Data files', formatCount(dataFileCount)],
    ['Delete files', formatCount(deleteFileCount)],
    ['Bytes', formatBytes(sizeBytes)],
    ['Schema', schemaId === null ? '–' : `id ${schemaId}`],
  ]
  if (expiry === null) return [...files, ['Expiry', 'none can run: a setting of the table is not a number']]
  const change = (now: number, after: number) =>
    isNew || now === after ? formatCount(after) : `${formatCount(now)} → ${formatCount(after)}`
  return [
    ...files,
    ['Snapshots it keeps', change(expiry.retainedSnapshotsNow, expiry.retainedSnapshotsAfter)],
    ['Snapshots an expiry may remove', change(expiry.expirableSnapshotsNow, expiry.expirableSnapshotsAfter)],
    [
      'Kept until',
      expiry.refRetainedUntilMs === null ? 'it is removed' : <ExactTime key="until" atMs={expiry.refRetainedUntilMs} />,
    ],
  ]
}
