'use client'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import type { QueryResult } from '@/lib/query/engine'
import { TablesRead } from './tables-read'
import { timingText } from './timing-text'

export type ReadDetailsProps = {
  result: Pick<QueryResult, 'tablesRead' | 'viewsRead' | 'historyTables' | 'timing'>
  /** How long it is stored, or why it is not; null while that is unknown. */
  storedText: string | null
  /** The cost, as in the bar, which may cut it. */
  costText: string
  /** IANA name of the zone of the shown times. */
  timeZone: string
}

/** The tables and views of a result at their snapshots, and the parts of the time that it took. */
export function ReadDetailsPopover({
  result,
  costText,
  storedText,
  timeZone,
  ...state
}: LoadedMenuProps & ReadDetailsProps) {
  return (
    <DialogPopover label="Read details" widthPx={480} {...state}>
      <div className="stack gap-8 padded">
        <TablesRead result={result} timeZone={timeZone} />
        <p className="bare secondary small">{costText}</p>
        <p className="bare secondary small">{timingText(result)}</p>
        {storedText !== null && <p className="bare secondary small">{storedText}</p>}
      </div>
    </DialogPopover>
  )
}
