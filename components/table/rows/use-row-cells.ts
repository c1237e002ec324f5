import { useMemo } from 'react'
import type { Cell } from '@/components/ui/grid/grid-cell'
import type { DataGridProps, ReadCells, RowMark } from '@/components/ui/grid/grid-props'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { FilteredRowStore } from '@/lib/client/rows/filtered-row-store'
import type { ReadState } from '@/lib/client/rows/read-state'
import { RowStore } from '@/lib/client/rows/row-store'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { deletedRowMarks } from './deleted-rows'
import { failedCell, toCell } from './row-cell'

/** The cells of a store and the marks of its rows, as a grid draws and copies them. */
export function useRowCells(
  store: RowStore | FilteredRowStore,
  { valuesVersion }: Pick<ReadState, 'valuesVersion'>,
  { fieldsByKey, showsDeleted }: { fieldsByKey: ReadonlyMap<string, NestedField>; showsDeleted: boolean },
): Pick<DataGridProps, 'cell' | 'readCells' | 'rowMark'> {
  const timeZone = useTimeZone()
  const cell = useMemo(
    () => cellReader(store, { fieldsByKey, timeZone }, valuesVersion),
    [store, fieldsByKey, timeZone, valuesVersion],
  )
  const rowMark: ((row: number) => RowMark | undefined) | undefined = useMemo(
    () => (showsDeleted && store instanceof RowStore ? deletedRowMarks(store, valuesVersion) : undefined),
    [showsDeleted, store, valuesVersion],
  )
  const readCells: ReadCells = async ({ firstRow, lastRow, columnKeys }) => {
    const rowsBefore = rowNumbering(store.getSnapshot())
    await store.readCells({ firstRow, lastRow, fieldIds: columnKeys.map(Number) })
    return rowNumbering(store.getSnapshot()) === rowsBefore
  }
  return { cell, readCells, ...(rowMark && { rowMark }) }
}

/** Reads cells from the store at the moment. `valuesVersion` only makes a new function for the same store. */
function cellReader(
  store: Pick<RowStore, 'valueAt'>,
  { fieldsByKey, timeZone }: { fieldsByKey: ReadonlyMap<string, NestedField>; timeZone: string },
  _valuesVersion: number,
) {
  return (row: number, columnKey: string): Cell | undefined => {
    const field = fieldsByKey.get(columnKey)
    const value = field && store.valueAt(row, field.id)
    if (!field || value === undefined) return undefined
    return value instanceof AppError ? failedCell(value) : toCell(field.type, value, timeZone)
  }
}

/** Is another text when rows have other numbers. */
function rowNumbering({ moved, sort }: ReadState): string {
  return JSON.stringify([moved.revision, sort.status === 'sorted' ? sort.order : null])
}
