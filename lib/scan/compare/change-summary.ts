import type { RowValue } from '../read/row-value'
import { type ComparedColumn, valueInStructs } from './compared-columns'
import type { ScatteredRows } from './read-scattered'
import { createEqualityTest, createValueEncoder, EncodedBytes } from './value-encoding'

/** A value of a column; undefined if a struct around it is null. */
export type CellValue = RowValue | null | undefined

export type CommonChange = { before: CellValue; after: CellValue; rowCount: number }

export type ColumnSummary = {
  fieldId: number
  /** In how many changed rows its value differs. */
  changedCount: number
  /** The commonest first. */
  commonChanges: readonly CommonChange[]
  /** Whether each of its changes was counted: of columns with many different ones only the first are. */
  countsAll: boolean
}

/** Different changes of one column that are counted. */
const MAX_COUNTED_CHANGES = 1_000
/** Longer values are not counted one by one. */
const MAX_VALUE_BYTES = 400
const MAX_COMMON_CHANGES = 8

/** Counts by column what changed in rows that both sides have. */
export class ChangeSummary {
  readonly #columns: readonly SummarizedColumn[]

  constructor(columns: readonly ComparedColumn[]) {
    this.#columns = columns.map((column) => ({
      column,
      test: createCellTest(column),
      keyOf: createChangeKey(column),
      changedCount: 0,
      changes: new Map(),
      countsAll: true,
    }))
  }

  /** Adds pairs of rows. */
  add(before: ScatteredRows, after: ScatteredRows, rowCount: number): void {
    for (const summarized of this.#columns) {
      const { columnId, indexes } = summarized.column
      const [beforeValues, afterValues] = [before.get(columnId), after.get(columnId)]
      if (!beforeValues || !afterValues) continue
      for (let row = 0; row < rowCount; row++) {
        const a = valueInStructs(beforeValues[row] ?? null, indexes)
        const b = valueInStructs(afterValues[row] ?? null, indexes)
        if (!summarized.test(a, b)) countChange(summarized, a, b)
      }
    }
  }

  /** In the order of the columns. */
  finish(): ColumnSummary[] {
    return this.#columns.map(({ column: { fieldId }, changedCount, changes, countsAll }) => {
      // The sort is stable: of equally common ones the first to be met is first.
      const common = [...changes.values()].sort((a, b) => b.rowCount - a.rowCount)
      return { fieldId, changedCount, countsAll, commonChanges: common.slice(0, MAX_COMMON_CHANGES) }
    })
  }
}

type SummarizedColumn = {
  column: ComparedColumn
  test: CellTest
  keyOf: (before: CellValue, after: CellValue) => string | null
  changedCount: number
  changes: Map<string, CommonChange>
  countsAll: boolean
}

function countChange(summarized: SummarizedColumn, before: CellValue, after: CellValue): void {
  summarized.changedCount += 1
  const key = summarized.keyOf(before, after)
  const known = key === null ? undefined : summarized.changes.get(key)
  if (known) known.rowCount += 1
  else if (key === null || summarized.changes.size >= MAX_COUNTED_CHANGES) summarized.countsAll = false
  else summarized.changes.set(key, { before, after, rowCount: 1 })
}

/** @returns null for values that are too long */
function createChangeKey({ type }: ComparedColumn): SummarizedColumn['keyOf'] {
  const encode = createValueEncoder(type)
  const target = new EncodedBytes()
  return (before, after) => {
    target.reset()
    for (const value of [before, after]) {
      target.byte(value === undefined ? 0 : 1)
      if (value !== undefined) encode(value, target)
      if (target.length > MAX_VALUE_BYTES) return null
    }
    return String.fromCharCode(...target.bytes.subarray(0, target.length))
  }
}

export type CellTest = (before: CellValue, after: CellValue) => boolean

/** Whether a value is the same on both sides. A null is not the same as a null struct around it. */
export function createCellTest({ type }: Pick<ComparedColumn, 'type'>): CellTest {
  const isEqual = createEqualityTest(type)
  return (before, after) => (before === undefined || after === undefined ? before === after : isEqual(before, after))
}
