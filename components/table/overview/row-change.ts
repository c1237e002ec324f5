import type { Snapshot } from '@/lib/contract/table/snapshots'

/**
 * By how much a commit changed the number of rows that readers see. Its summary counts the rows of data files, also
 * those that delete files remove: a commit that removes the data files of deleted rows counts these again.
 *
 * @returns null if the summary does not say how many rows deletes removed. Delete files of positions may name a row twice,
 * or rows of data files that were removed; a deletion vector names the rows of its data file once.
 */
export function rowChange({
  operation,
  rows: { added, removed },
  summary,
}: Pick<Snapshot, 'operation' | 'rows' | 'summary'>): number | null {
  // A `replace` writes the same rows to other files.
  if (operation === 'replace') return 0
  const countOf = (key: string) => (/^\d{1,15}$/.test(summary[key] ?? '') ? Number(summary[key]) : null)
  const changeOf = (name: string) => ({
    added: countOf(`added-${name}`) ?? 0,
    removed: countOf(`removed-${name}`) ?? 0,
  })
  const [files, vectors, positions, equality] = [
    changeOf('delete-files'),
    changeOf('dvs'),
    changeOf('position-deletes'),
    changeOf('equality-deletes'),
  ]
  const fileRows = (added ?? 0) - (removed ?? 0)
  const isWithoutDeletes = [files, vectors, positions, equality].every((each) => each.added + each.removed === 0)
  // Earlier deletes apply to no rows of new data files.
  if (isWithoutDeletes && !removed) return fileRows
  const after = countOf('total-delete-files')
  if (after === null) return null
  const before = after - files.added + files.removed
  const areVectors = before === vectors.removed && files.removed === before && after === vectors.added
  if (!areVectors || equality.added + equality.removed > 0) return null
  return fileRows - positions.added + positions.removed
}
