import { DamagedParquet } from '@/lib/parquet/errors'
import type { DataPage } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { memoryBytes, joinValues } from '@/lib/parquet/values'

/** A decoded page that starts and ends at a row boundary. Rows are numbered within the row group. */
export type LeafPage = {
  firstRow: number
  rowCount: number
  dataPage: DataPage
  /** Index of each row's first level; null if the column is not repeated (it is the row itself). */
  rowStarts: Uint32Array | null
  /** Index of the value at (or next after) each level; null without null values (it is the level itself). */
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
export function joinPages(pages: readonly DataPage[], node: SchemaNode): DataPage {
  const [first] = pages
  if (pages.length === 1 && first) return first
  return {
    valueCount: pages.reduce((sum, page) => sum + page.valueCount, 0),
    definitions: joinLevels(pages, (page) => page.definitions, node.maxDefinition),
    repetitions: joinLevels(pages, (page) => page.repetitions, 0),
    values: joinValues(pages.map((page) => page.values)),
  }
}

/** Memory of a page. */
export function leafPageBytes({ dataPage: page, rowStarts, valueIndexes }: LeafPage): number {
  const arrays = [page.definitions, page.repetitions, rowStarts, valueIndexes]
  return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), memoryBytes(page.values))
}

function toValueIndexes(definitions: Uint8Array, node: SchemaNode): Uint32Array | null {
  const indexes = new Uint32Array(definitions.length)
  let next = 0
  for (let i = 0; i < definitions.length; i++) {
    indexes[i] = next
    if (definitions[i] === node.maxDefinition) next++
  }
  return next === definitions.length ? null : indexes
}

/** @param absentLevel the level of every value of a page without levels */
function joinLevels(
  pages: readonly DataPage[],
  levelsOf: (page: DataPage) => Uint8Array | null,
  absentLevel: number,
): Uint8Array | null {
  if (pages.every((page) => levelsOf(page) === null)) return null
  const joined = new Uint8Array(pages.reduce((sum, page) => sum + page.valueCount, 0))
  let at = 0
  for (const page of pages) {
    const levels = levelsOf(page)
    if (levels) joined.set(levels, at)
    else joined.fill(absentLevel, at, at + page.valueCount)
    at += page.valueCount
  }
  return joined
}

function rowCountMismatchError(actual: number, expected: number, node: SchemaNode): DamagedParquet {
  return new DamagedParquet(`column ${node.path.join('.')} has ${actual} rows but should have ${expected}`)
}
