import 'server-only'
import { countLevel, type DataPage } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { ValueRange } from '@/lib/parquet/write/encode-values'

/** A part of a page that becomes a page. */
export type PageCut = {
  /** Its values and nulls, by the index of their levels. */
  levels: ValueRange
  /** Its values that are not null, by their index. */
  values: ValueRange
  /** Rows that begin in it. */
  rowCount: number
}

export type PageLimits = { maxRows: number; maxBits: number }

type Levels = Pick<DataPage, 'definitions' | 'repetitions' | 'valueCount'>

/**
 * Cuts a page at boundaries of rows: a part ends before the row that would exceed a limit, unless it is its only row.
 * Cutting a part again with the same limits gives the part.
 *
 * @param bitsOf the size of a value, the same for all or by its index
 * @param limits null: the page stays whole
 * @param bitsOfRange the size of several values, if that takes less time than adding them up
 */
export function* cutPage(
  levels: Levels,
  { maxDefinition }: Pick<SchemaNode, 'maxDefinition'>,
  bitsOf: number | ((index: number) => number),
  limits: PageLimits | null,
  bitsOfRange: ((range: ValueRange) => number) | null = null,
): Generator<PageCut> {
  const { definitions, repetitions, valueCount } = levels
  if (limits === null) {
    yield wholePage(levels, maxDefinition)
    return
  }
  if (repetitions === null && typeof bitsOf === 'number') {
    const maxRowsByBits = Math.max(1, Math.floor(limits.maxBits / bitsOf))
    if (definitions === null || maxRowsByBits >= limits.maxRows) {
      yield* cutEvery(Math.min(limits.maxRows, maxRowsByBits), levels, maxDefinition)
      return
    }
  }
  if (repetitions === null && bitsOfRange !== null) {
    // Most pages of short texts have room for the maximum number of rows, so their lengths need not be read.
    const cuts = [...cutEvery(limits.maxRows, levels, maxDefinition)]
    if (cuts.every(({ values }) => bitsOfRange(values) <= limits.maxBits)) {
      yield* cuts
      return
    }
  }
  // Where the part begins, and the row.
  let part = { level: 0, value: 0, rows: 0, bits: 0 }
  let row = { level: 0, value: 0, bits: 0 }
  let value = 0
  for (let level = 0; level <= valueCount; level++) {
    const isEnd = level === valueCount
    if (level > 0 && (isEnd || repetitions === null || repetitions[level] === 0)) {
      if (part.rows > 0 && (part.rows === limits.maxRows || part.bits + row.bits > limits.maxBits)) {
        yield toCut(repetitions, part, row)
        part = { level: row.level, value: row.value, rows: 0, bits: 0 }
      }
      part.rows++
      part.bits += row.bits
      row = { level, value, bits: 0 }
    }
    if (!isEnd && (definitions === null || definitions[level] === maxDefinition)) {
      row.bits += typeof bitsOf === 'number' ? bitsOf : bitsOf(value)
      value++
    }
  }
  if (valueCount > 0) yield toCut(repetitions, part, row)
}

function toCut(
  repetitions: Uint8Array | null,
  part: { level: number; value: number; rows: number },
  end: { level: number; value: number },
): PageCut {
  // A part that continues the last row of the page before does not begin a row.
  const continued = repetitions !== null && repetitions[part.level] !== 0 ? 1 : 0
  return {
    levels: { start: part.level, end: end.level },
    values: { start: part.value, end: end.value },
    rowCount: part.rows - continued,
  }
}

/** Cuts a column whose levels are its rows after the same number of them. */
function* cutEvery(rowCount: number, { definitions, valueCount }: Levels, maxDefinition: number): Generator<PageCut> {
  let value = 0
  for (let start = 0; start < valueCount; start += rowCount) {
    const end = Math.min(valueCount, start + rowCount)
    const values = definitions === null ? end - start : countLevel(definitions.subarray(start, end), maxDefinition)
    yield { levels: { start, end }, values: { start: value, end: value + values }, rowCount: end - start }
    value += values
  }
}

function wholePage({ definitions, repetitions, valueCount }: Levels, maxDefinition: number): PageCut {
  return {
    levels: { start: 0, end: valueCount },
    values: { start: 0, end: definitions === null ? valueCount : countLevel(definitions, maxDefinition) },
    rowCount: repetitions === null ? valueCount : countLevel(repetitions, 0),
  }
}
