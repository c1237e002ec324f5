'use client'
import { TableAboutPanel } from '@/components/about/table-about-panel'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { ClonePanel } from './clone/clone-panel'
import { DeleteRowsPanel } from './delete-rows-panel'
import { DropPanel } from './drop-panel'
import { RenameTablePanel } from './rename-table-panel'
import type { TableAction } from './use-table-action'

/** The panel of an action on the table itself. */
export function TableActionPanel({
  table,
  action,
  onClose,
}: {
  table: TableIdentifier
  action: TableAction
  onClose: () => void
}) {
  const Panel = {
    about: TableAboutPanel,
    clone: ClonePanel,
    rename: RenameTablePanel,
    'delete-rows': DeleteRowsPanel,
    drop: DropPanel,
  }[action]
  return <Panel table={table} onClose={onClose} />
}
