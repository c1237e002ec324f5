import 'server-only'
import { DamagedParquet } from '@/lib/parquet/errors'
import { countLevel } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { ValueRange } from '@/lib/parquet/write/encode-values'
import type { DecodedPage } from '../transcode/decode-pages'

/** Rows that follow one another in a page. */
export type PageRows = {
  page: DecodedPage
  /** Their values and nulls, by the index of their levels. */
  levels: ValueRange
  /** Their values that are not null, by their index. */
  values: ValueRange
}

/** Takes the rows of a column chunk in their order. */
export class ChunkCursor {
  readonly #node: SchemaNode
  readonly #pages: readonly DecodedPage[]
  #page = 0
  /** Where the next row begins in the page. */
  #level = 0
  #value = 0

  constructor(node: SchemaNode, pages: readonly DecodedPage[]) {
    this.#node = node
    this.#pages = pages
  }

  /** @throws {DamagedParquet} when there are not as many rows, or a page begins in the middle of one */
  take(rowCount: number): PageRows[] {
    const taken: PageRows[] = []
    for (let left = rowCount; left > 0; ) {
      const page = this.#pages[this.#page]
      if (!page) throw new DamagedParquet(`column ${this.#node.path.join('.')} has fewer rows than its row group`)
      const { definitions, repetitions, header } = page
      if (repetitions !== null && this.#level === 0 && repetitions[0] !== 0)
        throw new DamagedParquet('a page begins in the middle of a row')
      const start = { level: this.#level, value: this.#value }
      const { end, rows } = findEnd(repetitions, start.level, header.valueCount, left)
      this.#level = end
      this.#value +=
        definitions === null
          ? end - start.level
          : countLevel(definitions.subarray(start.level, end), this.#node.maxDefinition)
      taken.push({
        page,
        levels: { start: start.level, end },
        values: { start: start.value, end: this.#value },
      })
      left -= rows
      if (end === header.valueCount) this.#toNextPage()
    }
    return taken
  }

  #toNextPage(): void {
    this.#page++
    this.#level = 0
    this.#value = 0
  }
}

/** Where at most `maxRows` rows end that begin at `start`. */
function findEnd(
  repetitions: Uint8Array | null,
  start: number,
  valueCount: number,
  maxRows: number,
): { end: number; rows: number } {
  if (repetitions === null) {
    const end = Math.min(valueCount, start + maxRows)
    return { end, rows: end - start }
  }
  let rows = 1
  let end = start + 1
  for (; end < valueCount; end++) {
    if (repetitions[end] !== 0) continue
    if (rows === maxRows) break
    rows++
  }
  return { end, rows }
}
