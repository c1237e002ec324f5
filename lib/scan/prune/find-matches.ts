import type { ReserveMemory } from '@/lib/parquet/values'
import type { ChunkPages } from '../chunk-pages'
import { fetchGroup, type OpenDataFile, type OpenParquetFile } from '../read/data-file'
import type { FetchGroupOptions } from '../read/fetch-options'
import type { Vector } from '../read/vector'
import { complementOf } from '../predicate/complement'
import { matchingIndexes, matchRows } from '../predicate/match-rows'
import { type BoundColumn, type BoundPredicate, columnsOf } from '../predicate/predicate'
import { type PruneOptions, pruneRowGroup, type RowSkipReason } from './prune-row-group'

/** The matching rows of a row group of a data file. */
export type GroupMatches = {
  groupIndex: number
  /** Positions in the file, in order, deleted rows among them. */
  positions: Uint32Array
  /** Rows that were not compared, and which part of the file said that they cannot match. */
  skippedRows: number
  reason: RowSkipReason | null
}

export type FindMatchesOptions = Pick<PruneOptions, 'signal' | 'use'> & {
  /** Called for each row group: limits how much is in memory at once. */
  createBudget: () => ReserveMemory
  /** The row group to start with; the first by default. */
  firstGroup?: number
  /** Where fetched pages of a row group are cached; by default only while it is searched. */
  chunksOf?: (groupIndex: number) => FetchGroupOptions['chunks']
}

const STATISTICS = 'statistics'
/** Rows compared at once. */
const ROWS_PER_BATCH = 16 * 1024

/**
 * The rows of a data file that pass a predicate, a row group at a time. Reads only the columns that the predicate
 * tests, and only those of their pages that might match; skips row groups whose statistics prove that all rows pass.
 *
 * @throws {DamagedParquet}, {UnsupportedParquet}, {OversizedParquet}; {AppError} of the source
 */
export async function* findMatches(
  predicate: BoundPredicate,
  file: OpenDataFile,
  { createBudget, firstGroup = 0, chunksOf = () => new Map<number, ChunkPages>(), signal, use }: FindMatchesOptions,
): AsyncGenerator<GroupMatches, void> {
  const complement = complementOf(predicate)
  const columns = columnsOf(predicate)
  const fields = columns.map(({ field }) => field)
  for (const [groupIndex, group] of file.rowGroups.entries()) {
    if (groupIndex < firstGroup) continue
    signal?.throwIfAborted()
    const reserveMemory = createBudget()
    const options = { reserveMemory, signal, ...(use && { use }) }
    if (file.format === 'parquet' && (await isEmptyByStatistics(complement, file, groupIndex, options))) {
      // The rows are not read, so only this limits how many a damaged file can claim to have.
      reserveMemory(group.rowCount * Uint32Array.BYTES_PER_ELEMENT)
      yield { groupIndex, positions: positionsFrom(group.firstRow, group.rowCount), skippedRows: 0, reason: null }
      continue
    }
    const { ranges, reason } =
      file.format === 'parquet'
        ? await pruneRowGroup(predicate, file, groupIndex, options)
        : { ranges: [{ from: 0, to: group.rowCount }], reason: null }
    const chunks = chunksOf(groupIndex)
    const found: Uint32Array[] = []
    for (const { from, to } of ranges) {
      const read = await fetchGroup(file, groupIndex, { from, to, fields, chunks, reserveMemory, signal })
      for (let start = from; start < to; start += ROWS_PER_BATCH) {
        const end = Math.min(to, start + ROWS_PER_BATCH)
        const vectors = read(start, end, reserveMemory)
        const vectorOf = ({ fieldId, name }: BoundColumn): Vector => {
          const vector = vectors[columns.findIndex((column) => column.fieldId === fieldId)]
          if (!vector) throw new Error(`column ${name} was not read`)
          return vector
        }
        const matches = matchRows(predicate, vectorOf, end - start)
        found.push(matchingIndexes(matches).map((index) => group.firstRow + start + index))
      }
    }
    const readRows = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
    yield { groupIndex, positions: joinPositions(found), skippedRows: group.rowCount - readRows, reason }
  }
}

/** Whether the footer excludes every row of a row group. */
async function isEmptyByStatistics(
  predicate: BoundPredicate,
  file: OpenParquetFile,
  groupIndex: number,
  options: PruneOptions,
): Promise<boolean> {
  const use = (options.use ?? [STATISTICS]).filter((index) => index === STATISTICS)
  const { ranges } = await pruneRowGroup(predicate, file, groupIndex, { ...options, use })
  return ranges.length === 0
}

function positionsFrom(firstRow: number, rowCount: number): Uint32Array {
  const positions = new Uint32Array(rowCount)
  for (let i = 0; i < rowCount; i++) positions[i] = firstRow + i
  return positions
}

function joinPositions(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
