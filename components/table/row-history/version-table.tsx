import { useRouter } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { DataGrid } from '@/components/ui/grid/data-grid'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import classes from './row-history.module.css'
import type { HistoryEntry } from './use-row-history'
import { SNAPSHOT_COLUMN, toVersionCell, toVersionColumns, toVersionRows } from './version-grid'

/** The versions of a row, the newest first; the snapshot of each opens the comparison with the one before. */
export function VersionTable({
  table,
  entries,
  fields,
}: {
  table: TableIdentifier
  entries: readonly HistoryEntry[]
  fields: readonly NestedField[]
}) {
  const router = useRouter()
  const timeZone = useTimeZone()
  const rows = useMemo(() => toVersionRows(entries), [entries])
  const { gridColumns, byKey } = useMemo(() => toVersionColumns(fields, rows), [fields, rows])
  const cell = useCallback(
    (index: number, key: string) => {
      const row = rows[index]
      return row && toVersionCell(row, key, { column: byKey.get(key), timeZone })
    },
    [rows, byKey, timeZone],
  )
  const openComparison = (index: number, key: string) => {
    const { parentSnapshotId = null, snapshotId } = rows[index]?.snapshot ?? {}
    if (key !== SNAPSHOT_COLUMN || parentSnapshotId === null || snapshotId === undefined) return
    router.push(snapshotPaths.comparison(table, { before: { snapshotId: parentSnapshotId }, after: { snapshotId } }))
  }
  return (
    <div className={classes.versions}>
      <DataGrid
        label="Changes of the row"
        rowCount={rows.length}
        columns={gridColumns}
        cell={cell}
        onCellOpen={openComparison}
      />
    </div>
  )
}
