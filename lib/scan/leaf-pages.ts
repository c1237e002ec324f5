import { DamagedParquet } from '@/lib/parquet/errors'
import type { DataPage } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { memoryBytes, joinValues, type RawValue, valueAt } from '@/lib/parquet/values'

/** A decoded page that starts and ends at a row boundary. Rows are numbered within the row group. */
export type LeafPage = {
  firstRow: number
  rowCount: number
  dataPage: DataPage
  /** Index of each row's first level; null if the column is not repeated (it is the row itself). */
  rowStarts: Uint32Array | null
  /** Index of the value at (or next after) each level; null if nothing is null (it is the level itself). */
  valueIndexes: Uint32Array | null
}

/** @throws {DamagedParquet} when the page has incomplete rows, or not `rowCount` of them */
export function toLeafPage(page: DataPage, node: SchemaNode, firstRow: number, rowCount: number): LeafPage {
  const { definitions, repetitions, valueCount } = page
  let rowStarts: Uint32Array | null = null
  if (repetitions) {
    if (valueCount > 0 && repetitions[0] !== 0) throw new DamagedParquet('a page begins in the middle of a row')
    rowStarts = new Uint32Array(rowCount)
    let row = 0
    for (let i = 0; i < valueCount; i++) {
      if (repetitions[i] === 0) rowStarts[row++] = i
    }
    if (row !== rowCount) throw rowCountMismatchError(row, rowCount, node)
  } else if (valueCount !== rowCount) {
    throw rowCountMismatchError(valueCount, rowCount, node)
  }
  return {
    firstRow,
    rowCount,
    dataPage: page,
    rowStarts,
    valueIndexes: definitions && toValueIndexes(definitions, node),
  }
}

/** Joins several pages into one, for rows that may span them. */
export function joinPages(pages: readonly DataPage[]): DataPage {
  const [first] = pages
  if (pages.length === 1 && first) return first
  return {
    valueCount: pages.reduce((sum, page) => sum + page.valueCount, 0),
    definitions: joinLevels(pages.map((page) => page.definitions)),
    repetitions: joinLevels(pages.map((page) => page.repetitions)),
    values: joinValues(pages.map((page) => page.values)),
  }
}

/** Memory of a page. */
export function leafPageBytes({ dataPage: page, rowStarts, valueIndexes }: LeafPage): number {
  const arrays = [page.definitions, page.repetitions, rowStarts, valueIndexes]
  return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), memoryBytes(page.values))
}

function toValueIndexes(definitions: Uint8Array, node: SchemaNode): Uint32Array | null {
  if (definitions.every((level) => level === node.maxDefinition)) return null
  const indexes = new Uint32Array(definitions.length)
  let next = 0
  for (let i = 0; i < definitions.length; i++) {
    indexes[i] = next
    if (definitions[i] === node.maxDefinition) next++
  }
  return indexes
}

function joinLevels(parts: readonly (Uint8Array | null)[]): Uint8Array | null {
  const present = parts.filter((part) => part !== null)
  if (present.length === 0) return null
  const joined = new Uint8Array(present.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of present) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function rowCountMismatchError(actual: number, expected: number, node: SchemaNode): DamagedParquet {
  return new DamagedParquet(`column ${node.path.join('.')} has ${actual} rows but should have ${expected}`)
}

/** Walks one column's levels and values, one row at a time. */
export class LeafCursor {
  readonly node: SchemaNode
  readonly #pages: readonly LeafPage[]
  #page: LeafPage | null = null
  #levelIndex = 0
  #levelEnd = 0

  /** @param pages must contain the rows to seek, in order */
  constructor(node: SchemaNode, pages: readonly LeafPage[]) {
    this.node = node
    this.#pages = pages
  }

  /** Moves to the start of a row of the row group. */
  seek(row: number): void {
    if (!this.#page || !containsRow(this.#page, row)) this.#page = findPage(this.#pages, row)
    if (!this.#page) throw new DamagedParquet(`column ${this.node.path.join('.')} has no row ${row}`)
    const rowInPage = row - this.#page.firstRow
    const { rowStarts } = this.#page
    this.#levelIndex = rowStarts ? (rowStarts[rowInPage] ?? 0) : rowInPage
    this.#levelEnd = rowStarts ? (rowStarts[rowInPage + 1] ?? this.#page.dataPage.valueCount) : rowInPage + 1
  }

  hasMore(): boolean {
    return this.#levelIndex < this.#levelEnd
  }

  /** Definition level at the current position. */
  definition(): number {
    if (this.#levelIndex >= this.#levelEnd || !this.#page) throw this.#prematureEndError()
    return this.#page.dataPage.definitions?.[this.#levelIndex] ?? this.node.maxDefinition
  }

  /** Repetition level at the current position; −1 at the row's end. */
  repetition(): number {
    if (this.#levelIndex >= this.#levelEnd || !this.#page) return -1
    return this.#page.dataPage.repetitions?.[this.#levelIndex] ?? 0
  }

  skip(): void {
    if (this.#levelIndex >= this.#levelEnd) throw this.#prematureEndError()
    this.#levelIndex++
  }

  /** Returns the value at the current position and advances; null if it is not defined. */
  next(): RawValue | null {
    const isDefined = this.definition() === this.node.maxDefinition
    const level = this.#levelIndex++
    if (!isDefined || !this.#page) return null
    return valueAt(this.#page.dataPage.values, this.#page.valueIndexes?.[level] ?? level)
  }

  /** The columns of one nested value must agree on where its lists end. */
  #prematureEndError(): DamagedParquet {
    return new DamagedParquet(`column ${this.node.path.join('.')} ends before its sibling columns`)
  }
}

function findPage(pages: readonly LeafPage[], row: number): LeafPage | null {
  let low = 0
  let high = pages.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const page = pages[middle]
    if (!page) return null
    if (row < page.firstRow) high = middle - 1
    else if (row >= page.firstRow + page.rowCount) low = middle + 1
    else return page
  }
  return null
}

function containsRow(page: LeafPage, row: number): boolean {
  return row >= page.firstRow && row < page.firstRow + page.rowCount
}
