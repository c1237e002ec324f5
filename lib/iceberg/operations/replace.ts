import { AppError } from '@/lib/errors'
import type { DataFile } from '../manifest/manifest'
import { requireNoDeletesOf } from './conflicts'
import type { AddedFile, SnapshotOperation } from './operation'
import { isDeleteFile } from './write-entries'

export type Replace = {
  /** Data and delete files, all of which must still be in the table when the operation is committed. */
  removed: readonly DataFile[]
  /** The same rows in other files, and delete files for these. */
  added: readonly DataFile[]
  /**
   * Data sequence number of the added data files: that of the snapshot whose rows were rewritten, so that deletes by
   * equality which others commit meanwhile still apply. A function gives each file its own: that of the file whose rows
   * it has, so that earlier deletes by equality still apply, too. Null gives the files the sequence number of the commit,
   * and any such delete is a conflict.
   */
  dataSequenceNumber: number | ((added: DataFile) => number) | null
  /** The snapshot whose rows were rewritten. */
  startingSnapshotId: string
  summary?: Readonly<Record<string, string>>
}

/**
 * Rewrites files without changing the rows of the table.
 *
 * @throws {AppError} invalid-request when no file is removed, or data files are added but not removed
 */
export function replaceOperation({
  removed,
  added,
  dataSequenceNumber,
  startingSnapshotId,
  summary = {},
}: Replace): SnapshotOperation {
  const removedData = removed.filter((file) => !isDeleteFile(file))
  if (removed.length === 0) throw new AppError('invalid-request', 'A rewrite replaces at least one file.')
  // Delete files that still apply to other data files stay, although new ones name the files that are added.
  if (removedData.length === 0 && added.some((file) => !isDeleteFile(file)))
    throw new AppError('invalid-request', 'A rewrite adds data files only if it removes some.')
  return {
    name: 'replace',
    added: added.map((dataFile): AddedFile => {
      if (dataSequenceNumber === null || isDeleteFile(dataFile)) return { dataFile }
      const isShared = typeof dataSequenceNumber === 'number'
      return { dataFile, sequenceNumber: isShared ? dataSequenceNumber : dataSequenceNumber(dataFile) }
    }),
    removed,
    removedWhere: null,
    requiresRemoved: true,
    summary,
    schemaId: null,
    validate: (base) =>
      requireNoDeletesOf(base, startingSnapshotId, removedData, {
        ignoresEqualityDeletes: dataSequenceNumber !== null,
      }),
  }
}
