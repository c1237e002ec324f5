import { isUnreadable, type ShownValue, type UnreadableCell } from '@/lib/scan/read/unreadable-cell'
import type { RowBatch } from '@/lib/scan/read-rows'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'

export const BLOCK_ROWS = 256
const MAX_CACHED_BLOCKS = 256
/** A request covers no more blocks than this, however many are visible. */
const MAX_BLOCKS_PER_REQUEST = 8

/** Among the columns of a block: the position of each row in its file. */
const POSITIONS = -1
/** And the indexes of the delete files that delete each row. */
const DELETED_BY = -2

export type VisibleRows = { firstRow: number; lastRow: number; fieldIds: readonly number[] }

/** A value that is not read yet, or is to be read again, is undefined. */
type Block = Map<number, (ShownValue | undefined)[]>
type StoredValue = { row: number; fieldId: number; value: ShownValue }

/** Values of rows that were read, in blocks of which the least recently used are dropped. */
export class RowBlocks {
  readonly #blocks = new LruMap<number, Block>()

  /** Undefined until it is read. */
  valueAt(row: number, fieldId: number): ShownValue | undefined {
    return this.#blocks.peek(Math.floor(row / BLOCK_ROWS))?.get(fieldId)?.[row % BLOCK_ROWS]
  }

  /** The position of a row in its file; null until it is read. */
  positionAt(row: number): number | null {
    const position = this.valueAt(row, POSITIONS)
    return typeof position === 'number' ? position : null
  }

  /** The indexes of the delete files that delete a row; none until it is read. */
  deletedByAt(row: number): readonly unknown[] {
    const indexes = this.valueAt(row, DELETED_BY)
    return Array.isArray(indexes) ? indexes : []
  }

  storeBatch({ firstRow, lastRow, columns, positions, deletedBy }: RowBatch<ShownValue>): void {
    const stored = new Map<number, ArrayLike<ShownValue>>([...columns, [POSITIONS, positions]])
    if (deletedBy) stored.set(DELETED_BY, deletedBy)
    for (let row = firstRow; row < lastRow; row = nextBlockStart(row)) {
      const index = Math.floor(row / BLOCK_ROWS)
      const block = this.#blocks.get(index) ?? this.#blocks.set(index, new Map())
      const end = Math.min(nextBlockStart(row), lastRow)
      for (const [fieldId, values] of stored) {
        const column = [...(block.get(fieldId) ?? [])]
        for (let at = row; at < end; at++) column[at % BLOCK_ROWS] = values[at - firstRow] ?? null
        block.set(fieldId, column)
      }
    }
  }

  storeValue({ row, fieldId, value }: StoredValue): void {
    const index = Math.floor(row / BLOCK_ROWS)
    const block = this.#blocks.peek(index) ?? this.#blocks.set(index, new Map())
    const column = block.get(fieldId) ?? []
    column[row % BLOCK_ROWS] = value
    block.set(fieldId, column)
  }

  /** Why one of the cells cannot be read; null if all can, or are not read yet. */
  findUnreadable({ firstRow, lastRow, fieldIds }: VisibleRows): UnreadableCell | null {
    for (let row = firstRow; row < lastRow; row++) {
      for (const fieldId of fieldIds) {
        const value = this.valueAt(row, fieldId)
        if (isUnreadable(value)) return value
      }
    }
    return null
  }

  /** Lets cells that cannot be read be read again. */
  forgetUnreadable(): void {
    for (const [, block] of this.#blocks.entriesNewestFirst()) {
      for (const [fieldId, values] of block) {
        if (values.some(isUnreadable)) {
          block.set(
            fieldId,
            values.map((value) => (isUnreadable(value) ? undefined : value)),
          )
        }
      }
    }
  }

  clear(): void {
    for (const [index] of this.#blocks.entriesNewestFirst()) this.#blocks.delete(index)
  }

  dropLeastRecent(): void {
    evictLeastRecent(this.#blocks, MAX_CACHED_BLOCKS, () => 1)
  }

  /** Removes the blocks that have a row from `firstRow` on, and returns their values, older blocks first. */
  takeFrom(firstRow: number): StoredValue[] {
    const taken: [number, Block][] = []
    for (const [index, block] of this.#blocks.entriesNewestFirst()) {
      if ((index + 1) * BLOCK_ROWS <= firstRow) continue
      this.#blocks.delete(index)
      taken.push([index, block])
    }
    return taken.reverse().flatMap(([index, block]) =>
      [...block].flatMap(([fieldId, values]) =>
        // Rows that moved leave gaps, which `map` would skip.
        Array.from(values).flatMap((value, i) =>
          value === undefined ? [] : [{ row: index * BLOCK_ROWS + i, fieldId, value }],
        ),
      ),
    )
  }

  /**
   * Whole blocks that have visible rows which are unread, with the columns that any of them lacks.
   *
   * @param isExcluded whether rows are not to be read, because that failed
   */
  findMissing(
    visible: VisibleRows,
    rowCount: number,
    isExcluded: (firstRow: number, lastRow: number) => boolean,
  ): VisibleRows | null {
    const first = Math.floor(visible.firstRow / BLOCK_ROWS)
    const last = Math.min(Math.ceil(visible.lastRow / BLOCK_ROWS), first + MAX_BLOCKS_PER_REQUEST)
    const missingFieldIds = new Set<number>()
    let from: number | null = null
    let to = 0
    for (let index = first; index < last; index++) {
      const start = index * BLOCK_ROWS
      const end = Math.min(start + BLOCK_ROWS, rowCount)
      const block = this.#blocks.get(index)
      if (start >= end) break
      const [shownFrom, shownTo] = [Math.max(start, visible.firstRow) - start, Math.min(end, visible.lastRow) - start]
      const missingInBlock = visible.fieldIds.filter(
        (id) => !hasValues(block?.get(id), shownFrom, shownTo) && !isExcluded(start, end),
      )
      if (missingInBlock.length === 0) continue
      for (const id of missingInBlock) missingFieldIds.add(id)
      from ??= index
      to = index + 1
    }
    if (from === null) return null
    return {
      firstRow: from * BLOCK_ROWS,
      lastRow: Math.min(to * BLOCK_ROWS, rowCount),
      fieldIds: [...missingFieldIds],
    }
  }
}

/** Rows that moved can leave a block with gaps, and of rows that are still searched a part of a block may be known. */
function hasValues(column: readonly (ShownValue | undefined)[] | undefined, from: number, to: number): boolean {
  if (column === undefined || column.length < to) return false
  for (let i = from; i < to; i++) if (column[i] === undefined) return false
  return true
}

function nextBlockStart(row: number): number {
  return (Math.floor(row / BLOCK_ROWS) + 1) * BLOCK_ROWS
}
