import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReadCost } from '../data-files'
import type { CountedRowReader } from '../matching-rows'
import { isUnreadable, type ShownValue, type UnreadableCell } from '../read/unreadable-cell'
import { type CellValue, createCellTest } from './change-summary'
import {
  findSharedFields,
  listComparedColumns,
  listReadFields,
  listShownColumns,
  type ShownColumn,
  valueInStructs,
} from './compared-columns'
import { type ComparedRows, compareRows, type CompareProgress } from './compare-rows'
import { CHANGE_KINDS, type ChangeKind } from './match-rows'
import { readScatteredRows, type ScatteredRows } from './read-scattered'

/** One of the two snapshots: its schema, and how to read the files that the other lacks. */
export type SnapshotSide = {
  fields: readonly NestedField[]
  createReader: (fields: readonly NestedField[]) => CountedRowReader
}

/** The result of a comparison, without the rows. */
export type ComparisonResult = Pick<
  ComparedRows,
  'inCount' | 'outCount' | 'changedCount' | 'sameCount' | 'repeatedKeyCount' | 'columns'
>

/** A value of a row that differs, or why its column cannot be read there: then it was not compared. */
export type ChangedValue = CellValue | UnreadableCell

/** Some of the rows that differ. */
export type ChangedRows = {
  kinds: readonly ChangeKind[]
  /** By key of the shown column, a value per row; undefined where the side has no value. */
  before: ReadonlyMap<string, readonly ChangedValue[]>
  after: ReadonlyMap<string, readonly ChangedValue[]>
  /** By key of the shown column, whether the value of a changed row changed. */
  isChanged: ReadonlyMap<string, readonly boolean[]>
}

export type ChangeFilter = ChangeKind | 'all'

/** Two snapshots that are compared once, and whose differing rows are then read as they are needed. */
export class SnapshotComparison {
  readonly columns: readonly ShownColumn[]
  readonly #shared: readonly NestedField[]
  readonly #before: CountedRowReader
  readonly #after: CountedRowReader
  /** Top-level columns that are compared. */
  #comparedIds: ReadonlySet<number> = new Set()
  #rows: ComparedRows | null = null
  readonly #indexes = new Map<ChangeFilter, Int32Array>()

  constructor(before: SnapshotSide, after: SnapshotSide) {
    this.columns = listShownColumns(before.fields, after.fields)
    this.#shared = findSharedFields(before.fields, after.fields)
    this.#before = before.createReader(listReadFields(before.fields, this.#shared))
    this.#after = after.createReader(listReadFields(after.fields, this.#shared))
  }

  /** The cost of reading both sides so far. */
  cost(): ReadCost {
    const [before, after] = [this.#before.cost(), this.#after.cost()]
    return {
      bytesRead: before.bytesRead + after.bytesRead,
      requests: before.requests + after.requests,
      filesRead: before.filesRead + after.filesRead,
      sizeMismatches: [...before.sizeMismatches, ...after.sizeMismatches],
    }
  }

  /**
   * @param options.comparedIds top-level columns: rows are equal if their values in these, and in the key, are; null for
   *   all columns of both sides
   * @throws {AppError} as `compareRows`; invalid-request for a column that is not in both snapshots
   */
  async run({
    comparedIds,
    ...options
  }: {
    keyIds: readonly number[]
    comparedIds: readonly number[] | null
    hashKey: Uint8Array
    onProgress?: (progress: CompareProgress) => void
    signal?: AbortSignal
    maxRows?: number
  }): Promise<ComparisonResult> {
    const fields = chooseFields(this.#shared, comparedIds, options.keyIds)
    this.#comparedIds = new Set(fields.map(({ id }) => id))
    const rows = await compareRows({ ...options, before: this.#before, after: this.#after, fields })
    this.#rows = rows
    this.#indexes.clear()
    const { inCount, outCount, changedCount, sameCount, repeatedKeyCount, columns } = rows
    return { inCount, outCount, changedCount, sameCount, repeatedKeyCount, columns }
  }

  /**
   * Rows of a kind by their position among these; `to` is exclusive.
   *
   * @throws {AppError} as `RowReader.readShownRows`
   */
  async readChanges(
    filter: ChangeFilter,
    { from, to }: { from: number; to: number },
    signal?: AbortSignal,
  ): Promise<ChangedRows> {
    if (this.#rows === null) throw new Error('rows are read after the comparison')
    const { kinds, beforeRows, afterRows } = this.#rows
    const indexes = this.#indexesOf(filter).subarray(from, to)
    const rowsOf = (rows: Int32Array) => Int32Array.from(indexes, (index) => rows[index] ?? -1)
    const [before, after] = [
      await readShown(this.#before, rowsOf(beforeRows), this.#columnIds('after'), signal),
      await readShown(this.#after, rowsOf(afterRows), this.#columnIds('before'), signal),
    ]
    return this.#toChangedRows(
      Array.from(indexes, (index) => CHANGE_KINDS[kinds[index] ?? 0] ?? 'in'),
      before,
      after,
    )
  }

  /** Top-level columns without the columns that only the other side has. */
  #columnIds(otherSide: ShownColumn['side']): number[] {
    return [...new Set(this.columns.filter(({ side }) => side !== otherSide).map(({ columnId }) => columnId))]
  }

  #toChangedRows(kinds: readonly ChangeKind[], before: ShownRows, after: ShownRows): ChangedRows {
    const [oldValues, newValues] = [new Map<string, ChangedValue[]>(), new Map<string, ChangedValue[]>()]
    const isChanged = new Map<string, boolean[]>()
    for (const column of this.columns) {
      const valuesOf = (rows: ShownRows, otherSide: ShownColumn['side'], missing: ChangeKind) =>
        kinds.map((kind, i) =>
          column.side === otherSide || kind === missing
            ? undefined
            : shownInStructs(rows.get(column.columnId)?.[i] ?? null, column.indexes),
        )
      const [old, current] = [valuesOf(before, 'after', 'in'), valuesOf(after, 'before', 'out')]
      const isSame = createCellTest(column)
      const isCompared = column.side === 'both' && this.#comparedIds.has(column.columnId)
      oldValues.set(column.key, old)
      newValues.set(column.key, current)
      isChanged.set(
        column.key,
        kinds.map((kind, i) => {
          const [a, b] = [old[i], current[i]]
          return kind === 'changed' && isCompared && !isUnreadable(a) && !isUnreadable(b) && !isSame(a, b)
        }),
      )
    }
    return { kinds, before: oldValues, after: newValues, isChanged }
  }

  #indexesOf(filter: ChangeFilter): Int32Array {
    const known = this.#indexes.get(filter)
    if (known) return known
    const { kinds = new Uint8Array() } = this.#rows ?? {}
    const requested = filter === 'all' ? -1 : CHANGE_KINDS.indexOf(filter)
    const found = Int32Array.from(kinds.keys()).filter((index) => requested < 0 || kinds[index] === requested)
    this.#indexes.set(filter, found)
    return found
  }
}

type ShownRows = ScatteredRows<ShownValue>

function readShown(
  reader: CountedRowReader,
  ...selection: [rows: Int32Array, fieldIds: readonly number[], signal?: AbortSignal]
): Promise<ShownRows> {
  return readScatteredRows((options) => reader.readShownRows(options), ...selection)
}

function shownInStructs(value: ShownValue, indexes: readonly number[]): ChangedValue {
  return isUnreadable(value) ? value : valueInStructs(value, indexes)
}

/** The chosen columns, and the columns that contain the key. */
function chooseFields(
  shared: readonly NestedField[],
  comparedIds: readonly number[] | null,
  keyIds: readonly number[],
): readonly NestedField[] {
  if (comparedIds === null) return shared
  const missing = comparedIds.find((id) => !shared.some((field) => field.id === id))
  if (missing !== undefined || comparedIds.length === 0) {
    throw new AppError(
      'invalid-request',
      missing === undefined
        ? 'No columns are chosen to compare. Choose at least one.'
        : `The column with the id ${missing} cannot be compared, because it is not in both snapshots. Choose other columns.`,
    )
  }
  const keyColumns = listComparedColumns(shared).filter(({ fieldId }) => keyIds.includes(fieldId))
  const chosen = new Set([...comparedIds, ...keyColumns.map(({ columnId }) => columnId)])
  return shared.filter(({ id }) => chosen.has(id))
}
