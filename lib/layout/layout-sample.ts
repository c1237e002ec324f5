import type { Value } from '../iceberg/schema/types'
import type { LayoutField } from './layout-field'
import { valuesKey } from './layout-tally'
import { applyTransform } from '../iceberg/partitioning/transform'

/** Rows that follow each other in a file, drawn independently of other blocks: each row of the table with the same chance. */
export type SampledBlock = {
  /** Values of the sampled columns by field id, one for each row of the block. */
  columns: ReadonlyMap<number, readonly (Value | null)[]>
  rowCount: number
  /** Whether delete files might delete rows of the file. The block has them all. */
  isDeletable: boolean
}

export type SampledCell = {
  values: readonly (Value | null)[]
  /** Its share of each block, added up, and the squares of it. */
  sum: number
  sumOfSquares: number
  /** In how many blocks it is. */
  hitCount: number
  /** Rows that are there for certain. */
  certainRows: number
}

/** Blocks of files that a layout spreads over several partitions, by partition. */
export type SampledCells = { cells: ReadonlyMap<string, SampledCell>; blockCount: number; rowCount: number }

/** A row is seen once, however often its block was drawn. */
export function* sampleCells(
  fields: readonly LayoutField[],
  blocks: readonly SampledBlock[],
): Generator<void, SampledCells, void> {
  const cells = new Map<string, SampledCell>()
  const seen = new Set<SampledBlock>()
  let rowCount = 0
  for (const block of blocks) {
    const isFirst = !seen.has(block)
    seen.add(block)
    if (isFirst) rowCount += block.rowCount
    const counts = new Map<string, { values: readonly (Value | null)[]; count: number }>()
    for (let row = 0; row < block.rowCount; row += 1) {
      const values = fields.map(({ sourceId, transform, sourceType }) =>
        applyTransform(transform, sourceType, block.columns.get(sourceId)?.[row] ?? null),
      )
      const key = valuesKey(values)
      const known = counts.get(key)
      if (known) known.count += 1
      else counts.set(key, { values, count: 1 })
    }
    for (const [key, { values, count }] of counts) {
      const cell = cells.get(key) ?? { values, sum: 0, sumOfSquares: 0, hitCount: 0, certainRows: 0 }
      cells.set(key, cell)
      const share = count / block.rowCount
      cell.sum += share
      cell.sumOfSquares += share * share
      cell.hitCount += 1
      if (isFirst && !block.isDeletable) cell.certainRows += count
    }
    yield
  }
  return { cells, blockCount: blocks.length, rowCount }
}
