import { AppError } from '@/lib/errors'
import type { DataFile } from '../manifest/manifest'
import {
  type IsolationLevel,
  requireDataFiles,
  requireNoAddedData,
  requireNoAddedDeletes,
  requireNoAddedVectors,
  requireNoDeletesOf,
  snapshotsSince,
} from './conflicts'
import { isDeletionVector, type OperationBase, type RowFilter, type SnapshotOperation } from './operation'
import { isDeleteFile } from './write-entries'

export type RowDelta = {
  /** New rows and delete files. */
  added: readonly DataFile[]
  /** Data files without rows that are left, and delete files that others replace. */
  removed?: readonly DataFile[]
  /** The data files that the new delete files name. */
  referencedDataFiles: ReadonlySet<string>
  startingSnapshotId: string | null
  isolation: IsolationLevel
  /**
   * An update writes the rows again that it deletes, so it fails when another commit has deleted them. A delete ignores
   * rows that are already gone.
   */
  command: 'delete' | 'update'
  /** The rows that the command read; all rows if absent. */
  conflictFilter?: RowFilter
  summary?: Readonly<Record<string, string>>
}

/** Deletes rows by delete files or deletion vectors, and adds rows. */
export function rowDeltaOperation(delta: RowDelta): SnapshotOperation {
  const { added, removed = [], summary = {} } = delta
  return {
    name: nameOf(added, removed),
    added: added.map((dataFile) => ({ dataFile })),
    removed,
    removedWhere: null,
    requiresRemoved: delta.command === 'update' || removed.length > 0,
    summary,
    schemaId: null,
    async validate(base) {
      requireUnreferenced(removed, delta.referencedDataFiles)
      if (base.parent) await validateRowDelta(base, { ...delta, removed })
    },
  }
}

function nameOf(added: readonly DataFile[], removed: readonly DataFile[]): SnapshotOperation['name'] {
  const addsDeletes = added.some(isDeleteFile)
  const addsData = added.some((file) => !isDeleteFile(file))
  if (addsData && !addsDeletes && removed.every(isDeleteFile)) return 'append'
  return addsDeletes && !addsData ? 'delete' : 'overwrite'
}

async function validateRowDelta(
  base: OperationBase,
  delta: RowDelta & { removed: readonly DataFile[] },
): Promise<void> {
  const { startingSnapshotId: start, isolation, command, referencedDataFiles: filePaths, removed, added } = delta
  const filter = delta.conflictFilter ?? null
  // Fails if the starting snapshot is not an ancestor, whatever else is checked.
  snapshotsSince(base, start)
  await requireDataFiles(base, start, { filePaths, ignoresDeletes: command === 'delete' })
  if (isolation === 'serializable') await requireNoAddedData(base, start, filter)
  const removedData = removed.filter((file) => !isDeleteFile(file))
  await requireNoDeletesOf(base, start, removedData, { filter })
  if (command === 'update') await requireNoAddedDeletes(base, start, filter)
  const vectors = added.filter(isDeletionVector)
  await requireNoAddedVectors(
    base,
    start,
    new Set(vectors.flatMap(({ referencedDataFile }) => referencedDataFile ?? [])),
  )
}

/** @throws {AppError} invalid-request when a removed data file also gets new deletes */
function requireUnreferenced(removed: readonly DataFile[], referenced: ReadonlySet<string>): void {
  const both = removed.find((file) => !isDeleteFile(file) && referenced.has(file.filePath))
  if (!both) return
  throw new AppError('invalid-request', `${both.filePath} is removed, so no new delete file may name it.`, {
    facts: { filePath: both.filePath },
  })
}
