import type { ReserveMemory } from '@/lib/parquet/values'
import type { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import { matchRows } from '@/lib/scan/predicate/match-rows'
import { type BoundColumn, type BoundPredicate, columnsOf } from '@/lib/scan/predicate/predicate'
import { pruneRowGroup } from '@/lib/scan/prune/prune-row-group'
import type { RowRange } from '@/lib/scan/prune/row-ranges'
import { fetchGroup, type OpenDataFile } from '@/lib/scan/read/data-file'
import type { FetchGroupOptions } from '@/lib/scan/read/fetch-options'

/** Some rows of a row group, and which of them remain, counted from `from`. */
export type RemainingRows = RowRange & { indexes: Int32Array }

/**
 * The rows of a row group that might pass, by its statistics and indexes.
 *
 * @throws {AppError} of the source
 */
export async function rangesToRead(
  file: OpenDataFile,
  groupIndex: number,
  predicate: BoundPredicate,
  reserveMemory: ReserveMemory,
): Promise<readonly RowRange[]> {
  const rowCount = file.rowGroups[groupIndex]?.rowCount ?? 0
  if (file.format === 'avro') return [{ from: 0, to: rowCount }]
  const { ranges } = await pruneRowGroup(predicate, file, groupIndex, { reserveMemory })
  return ranges
}

/**
 * Fetches the columns of a predicate for some rows. The result compares them, and returns the rows from the first that
 * passes and is not deleted to the last one; null if there are none.
 *
 * @throws as {@link fetchGroup}
 */
export async function fetchMatches(
  file: OpenDataFile,
  groupIndex: number,
  { from, to, chunks }: Pick<FetchGroupOptions, 'from' | 'to' | 'chunks'>,
  {
    predicate,
    deleted,
    reserveMemory,
  }: { predicate: BoundPredicate; deleted: DeletedRows | null; reserveMemory: ReserveMemory },
): Promise<() => RemainingRows | null> {
  const columns = columnsOf(predicate)
  const fields = columns.map(({ field }) => field)
  const read = await fetchGroup(file, groupIndex, { from, to, fields, chunks, reserveMemory })
  const firstRow = (file.rowGroups[groupIndex]?.firstRow ?? 0) + from
  return () => {
    const vectors = read(from, to, reserveMemory)
    const vectorOf = ({ fieldId, name }: BoundColumn) => {
      const vector = vectors[columns.findIndex((column) => column.fieldId === fieldId)]
      if (!vector) throw new Error(`column ${name} was not read`)
      return vector
    }
    const matches = matchRows(predicate, vectorOf, to - from)
    const indexes = new Int32Array(to - from)
    let count = 0
    for (let i = 0; i < matches.length; i++)
      if (matches[i] === 1 && deleted?.has(firstRow + i) !== true) indexes[count++] = i
    const [first, last] = [indexes[0] ?? 0, indexes[count - 1] ?? 0]
    if (count === 0) return null
    return {
      from: from + first,
      to: from + last + 1,
      indexes: indexes.subarray(0, count).map((index) => index - first),
    }
  }
}
