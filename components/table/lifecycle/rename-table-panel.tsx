'use client'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { renameReviewQuery, useRenameTable } from '@/lib/client/lifecycle/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { RenamePanel } from './rename-panel'

/** Gives the table another name, and leads to it; or proposes it. */
export function RenameTablePanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const leadAway = useLeadAway()
  const rename = useRenameTable(table, (renamed) => leadAway(paths.table(renamed)))
  return (
    <RenamePanel entry={table} reviewQuery={(to) => renameReviewQuery(table, to)} rename={rename} onClose={onClose} />
  )
}
