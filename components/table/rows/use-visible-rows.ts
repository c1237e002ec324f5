import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react'
import type { GridHandle } from '@/components/ui/grid/grid-props'
import type { GridRange } from '@/components/ui/grid/use-grid-window'
import type { ReadState } from '@/lib/client/rows/read-state'
import type { RowStore } from '@/lib/client/rows/row-store'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { movedRow } from '@/lib/scan/live-rows'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import type { RowsAddress } from './use-rows-address'

type VisibleRowsOptions = {
  store: Pick<RowStore, 'setVisibleRows'>
  state: Pick<ReadState, 'moved'>
  plan: Pick<SignedScanPlan, 'files'>
  fields: readonly NestedField[]
  address: Pick<RowsAddress, 'openRow' | 'setOpenRow' | 'setTopRow'>
  grid: RefObject<GridHandle | null>
}

/**
 * Lets the store read the rows that the grid and the details of the open row show, and keeps those rows in view when
 * they move. Returns the handler of a range that became visible.
 */
export function useVisibleRows({
  store,
  state: { moved },
  plan,
  fields,
  address: { openRow, setOpenRow, setTopRow },
  grid,
}: VisibleRowsOptions): (range: GridRange) => void {
  const visibleRange = useRef<GridRange | null>(null)

  // Rows that others are deleted before move up, and the grid with them.
  const followRows = useEffectEvent(() => {
    const topRow = visibleRange.current?.topRow ?? 0
    grid.current?.moveUp(topRow - movedRow(topRow, moved.shrunk))
    if (openRow !== null) setOpenRow(movedRow(openRow, moved.shrunk))
  })
  useLayoutEffect(() => {
    if (moved.revision > 0) followRows()
  }, [moved.revision])

  const readRange = ({ firstRow, lastRow, columnKeys }: GridRange) => {
    const isDetailInside = openRow !== null && openRow >= firstRow && openRow < lastRow
    // The row panel shows all columns and where the row comes from.
    const hasLineage = plan.files.some(({ firstRowId }) => firstRowId !== null)
    const detailFields = hasLineage ? [...fields, ROW_ID, LAST_UPDATED_SEQUENCE_NUMBER] : fields
    const fieldIds = isDetailInside ? detailFields.map(({ id }) => id) : columnKeys.map(Number)
    store.setVisibleRows({ firstRow, lastRow, fieldIds })
  }

  const shownRow = useRef<number | null>(null)
  useEffect(() => {
    if (shownRow.current === openRow) return
    if (visibleRange.current) readRange(visibleRange.current)
    // Closing the panel loses the focus if it was inside.
    const isFocusLost = document.activeElement === null || document.activeElement === document.body
    if (openRow === null && isFocusLost) grid.current?.focus()
    shownRow.current = openRow
  })

  return (range) => {
    visibleRange.current = range
    readRange(range)
    setTopRow(range.topRow)
  }
}
