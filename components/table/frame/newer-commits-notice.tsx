'use client'
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '@/lib/client/keys'
import { tableQuery, tableTipQuery } from '@/lib/client/table/tables'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatQuantity } from '@/lib/format/count'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './newer-commits-notice.module.css'

type NewerCommitsNoticeProps = { table: TableIdentifier; asOf: AsOf; detail: TableDetail }

/** A page keeps showing the snapshot it was opened at. This says how many commits are newer, and loads them. */
export function NewerCommitsNotice({ table, asOf, detail }: NewerCommitsNoticeProps) {
  const queryClient = useQueryClient()
  const { data: tip } = useQuery({
    ...tableTipQuery(table),
    // A table that was read just now is its own tip.
    initialData: detail,
    initialDataUpdatedAt: () => queryClient.getQueryState(tableQuery(table, asOf).queryKey)?.dataUpdatedAt ?? 0,
  })
  if (!tip || tip.metadataLocation === detail.metadataLocation || tip.lastUpdatedMs < detail.lastUpdatedMs) return null
  const newerCount = countNewerCommits(detail, tip)
  return (
    <div className={classes.notice} role="status">
      <span>{newerCount > 0 ? formatQuantity(newerCount, 'newer commit') : 'The table changed'}</span>
      <span className={classes.why}>since this page was opened.</span>
      <Button variant="subtle" onClick={() => void queryClient.invalidateQueries({ queryKey: keys.table(table) })}>
        {newerCount > 0 ? 'Show new commits' : 'Show changes'}
      </Button>
    </div>
  )
}

/** Commits to `main` after the shown one. If the shown one is no longer in the log, all commits in the log. */
function countNewerCommits(detail: TableDetail, tip: TableDetail): number {
  if (tip.shown.snapshotId === detail.shown.snapshotId) return 0
  const shownIndex = tip.timeline.findLastIndex(({ snapshotId }) => snapshotId === detail.shown.snapshotId)
  return tip.timeline.length - 1 - shownIndex
}
