'use client'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { renameReviewQuery, useRenameTable } from '@/lib/client/lifecycle/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { RenamePanel } from './rename-panel'

/** Gives the table another name, and leads to it; or proposes it. */
export function RenameTablePanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const navigateAway = useNavigateAway()
  const rename = useRenameTable(table, (renamed) => navigateAway(paths.table(renamed)))
  return (
    <RenamePanel entry={table} reviewQuery={(to) => renameReviewQuery(table, to)} rename={rename} onClose={onClose} />
  )
}
