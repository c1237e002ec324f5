import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import { createCellTest } from './change-summary'
import { type ComparedColumn, listComparedColumns, valueInStructs } from './compared-columns'
import type { ChangeKind } from './match-rows'

/** The values of one row by the field id of their top-level column. */
export type RowVersion = ReadonlyMap<number, RowValue | null>

/** The change of a row between two snapshots. */
export type RowVersionChange = {
  kind: ChangeKind
  /** Null for a row that is in. */
  before: RowVersion | null
  /** Null for a row that is out. */
  after: RowVersion | null
  /** The columns whose values differ; empty unless the row changed. */
  changed: readonly ComparedColumn[]
}

/**
 * Compares the few rows that match a condition. Equal rows are paired first; if one row remains on each side, it
 * changed, and otherwise rows are out and in.
 *
 * @param fields that both sides were read with
 */
export function compareRowVersions(
  fields: readonly NestedField[],
  before: readonly RowVersion[],
  after: readonly RowVersion[],
): RowVersionChange[] {
  const columns = listComparedColumns(fields).map((column) => ({ column, isSame: createCellTest(column) }))
  const changedColumns = (a: RowVersion, b: RowVersion) =>
    columns.filter(({ column, isSame }) => !isSame(valueOf(column, a), valueOf(column, b))).map(({ column }) => column)
  const removed = [...before]
  const added = after.filter((row) => {
    const index = removed.findIndex((other) => changedColumns(other, row).length === 0)
    if (index >= 0) removed.splice(index, 1)
    return index < 0
  })
  const [old, current] = [removed[0], added[0]]
  if (old && current && removed.length === 1 && added.length === 1) {
    return [{ kind: 'changed', before: old, after: current, changed: changedColumns(old, current) }]
  }
  return [
    ...removed.map((row): RowVersionChange => ({ kind: 'out', before: row, after: null, changed: [] })),
    ...added.map((row): RowVersionChange => ({ kind: 'in', before: null, after: row, changed: [] })),
  ]
}

/** The value of a column in a row; undefined if a struct around it is null. */
export function valueOf({ columnId, indexes }: ComparedColumn, row: RowVersion): RowValue | null | undefined {
  return valueInStructs(row.get(columnId) ?? null, indexes)
}
