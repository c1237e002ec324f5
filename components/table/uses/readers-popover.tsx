'use client'
import { RecentClientsText } from '@/components/changes/action/recent-clients'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { TableUses } from '@/lib/contract/table/uses'
import { visibleText } from '@/lib/format/visible-text'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { limitsOfUses } from '@/lib/uses/use-texts'
import { UseList } from './use-list'

const CLIENTS_NOT_KNOWN = 'Which columns engines and other clients read is not known.'

type ReadersPopoverProps = LoadedMenuProps &
  TableUses & {
    table: TableIdentifier
    /** Null: the uses of the table. */
    column: string | null
  }

/** The list of what reads a table, or a column of it, and how far it is known. */
export function ReadersPopover({ table, column, uses, isTruncated, missingCatalogs, ...state }: ReadersPopoverProps) {
  const name = column ?? entryLabel(table)
  const label = `What ${column === null ? 'uses' : 'reads'} ${visibleText(name)}`
  const limits = limitsOfUses({ isTruncated, missingCatalogs })
    .map((limit) => `${limit} `)
    .join('')
  return (
    <DialogPopover label={label} widthPx={420} {...state}>
      <div className="stack gap-8 padded">
        <h3 className="bare dense">
          What {column === null ? 'uses' : 'reads'} <VisibleText>{name}</VisibleText>
        </h3>
        {uses.length > 0 && <UseList uses={uses} label={label} catalog={table.catalog} />}
        <p className="bare secondary small">
          {uses.length === 0 &&
            'Nothing that you may read uses this table: no view, check, saved query, schedule or proposal. '}
          {limits}
          {column === null ? <RecentClientsText table={table} /> : CLIENTS_NOT_KNOWN}
        </p>
      </div>
    </DialogPopover>
  )
}
