'use client'
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { keys } from '@/lib/client/keys'
import { tableTipQuery } from '@/lib/client/tables'
import type { TableDetail } from '@/lib/contract/tables'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import classes from './newer-commits-notice.module.css'

/** A page stays with the snapshot it was opened on; this says how many commits came since, and takes them in. */
export function NewerCommitsNotice({ table, detail }: { table: TableIdentifier; detail: TableDetail }) {
  const queryClient = useQueryClient()
  const { data: tip } = useQuery(tableTipQuery(table))
  if (!tip || tip.metadataLocation === detail.metadataLocation || tip.lastUpdatedMs < detail.lastUpdatedMs) return null
  const newerCount = countNewerCommits(detail, tip)
  return (
    <div className={classes.notice} role="status">
      <span>{newerCount > 0 ? `${newerCount} newer` : 'The table changed'}</span>
      <span className={classes.why}>
        {newerCount > 0 ? 'commits came since this page was read.' : 'since this page was read.'}
      </span>
      <Button variant="subtle" onClick={() => void queryClient.invalidateQueries({ queryKey: keys.table(table) })}>
        Show them
      </Button>
    </div>
  )
}

/** Commits to `main` after the shown one; where the log does not hold it any more, all that are there. */
function countNewerCommits(detail: TableDetail, tip: TableDetail): number {
  if (tip.shown.snapshotId === detail.shown.snapshotId) return 0
  const shownIndex = tip.timeline.findLastIndex(({ snapshotId }) => snapshotId === detail.shown.snapshotId)
  return tip.timeline.length - 1 - shownIndex
}
