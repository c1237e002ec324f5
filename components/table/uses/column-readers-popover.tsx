'use client'
import { UseList } from './use-list'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { TableUses } from '@/lib/contract/table/uses'

/** The list of what reads a column of a table, and how far it is known. */
export function ColumnReadersPopover({
  catalog,
  column,
  uses,
  isTruncated,
  missingCatalogs,
  ...state
}: LoadedMenuProps & TableUses & { catalog: string; column: string }) {
  return (
    <DialogPopover label={`What reads ${column}`} widthPx={420} {...state}>
      <div className="stack gap-8 padded">
        <h3 className="bare dense">
          What reads <VisibleText>{column}</VisibleText>
        </h3>
        <UseList uses={uses} label={`What reads ${column}`} catalog={catalog} />
        <p className="bare secondary small">
          {isTruncated && 'There may be more than Lakeshore has looked at. '}
          {missingCatalogs.length > 0 && `Not everything in ${missingCatalogs.join(', ')} could be looked at. `}
          Which columns engines and other clients read is not known.
        </p>
      </div>
    </DialogPopover>
  )
}
