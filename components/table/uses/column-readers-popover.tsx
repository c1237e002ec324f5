'use client'
import { limitsOfUses } from '@/lib/uses/use-texts'
import { UseList } from './use-list'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { TableUses } from '@/lib/contract/table/uses'

const CLIENTS_NOT_KNOWN = 'Which columns engines and other clients read is not known.'

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
          {[...limitsOfUses({ isTruncated, missingCatalogs }), CLIENTS_NOT_KNOWN].join(' ')}
        </p>
      </div>
    </DialogPopover>
  )
}
