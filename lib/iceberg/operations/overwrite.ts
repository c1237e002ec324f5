import { AppError } from '@/lib/errors'
import type { DataFile } from '../manifest/manifest'
import {
  type IsolationLevel,
  requireNoAddedData,
  requireNoAddedDeletes,
  requireNoDeletesOf,
  requireNoRemovedData,
} from './conflicts'
import type { OperationBase, RowFilter, SnapshotOperation } from './operation'
import { isDeleteFile } from './write-entries'

export type Overwrite = {
  added: readonly DataFile[]
  /** Data and delete files to remove. */
  removed?: readonly DataFile[]
  /** Removes all rows that match. */
  where?: RowFilter
  /** Whether the rows of every added file must match `where`. */
  addedMustMatch?: boolean
  /**
   * Whether added files have rows of removed ones. Then any new delete of a removed file is a conflict, also one of rows
   * that the conflict filter leaves out: the added files are newer, so it would not apply to the rows that they copy.
   */
  copiesRows?: boolean
  /**
   * The snapshot whose rows the operation read, and which concurrent changes make it fail. Null for an overwrite that
   * does not depend on rows that it read, which then replaces whatever is there.
   */
  validation: {
    startingSnapshotId: string | null
    isolation: IsolationLevel
    /** The rows that were read; by default those of `where`, or all rows if files are removed. */
    conflictFilter?: RowFilter
  } | null
  summary?: Readonly<Record<string, string>>
}

/** Replaces rows: the rows of files, the rows that match a filter, or both. */
export function overwriteOperation({
  added,
  removed = [],
  where,
  addedMustMatch = false,
  copiesRows = false,
  validation,
  summary = {},
}: Overwrite): SnapshotOperation {
  const removes = removed.some((file) => !isDeleteFile(file)) || where !== undefined
  return {
    name: nameOf(added.length > 0, removes),
    added: added.map((dataFile) => ({ dataFile })),
    removed,
    removedWhere: where ?? null,
    requiresRemoved: validation !== null,
    summary,
    schemaId: null,
    async validate(base) {
      if (addedMustMatch && where) requireMatchingFiles(added, where)
      if (validation) await validateOverwrite(base, { removed, where, copiesRows, ...validation })
    },
  }
}

function nameOf(adds: boolean, removes: boolean): SnapshotOperation['name'] {
  if (removes && !adds) return 'delete'
  return adds && !removes ? 'append' : 'overwrite'
}

/** @throws {AppError} invalid-request: the next overwrite of the same rows would not replace these */
function requireMatchingFiles(added: readonly DataFile[], where: RowFilter): void {
  const other = added.find((file) => !where.mustMatchFile(file))
  if (!other) return
  throw new AppError('invalid-request', `${other.filePath} has rows that do not match ${where.text}.`, {
    facts: { filePath: other.filePath, filter: where.text },
  })
}

async function validateOverwrite(
  base: OperationBase,
  {
    removed,
    where,
    copiesRows,
    startingSnapshotId: start,
    isolation,
    conflictFilter,
  }: {
    removed: readonly DataFile[]
    where: RowFilter | undefined
    copiesRows: boolean
  } & NonNullable<Overwrite['validation']>,
): Promise<void> {
  const removedData = removed.filter((file) => !isDeleteFile(file))
  // Files were chosen by conditions that are not known here, so any new row may be one that was to be replaced.
  const readRows = conflictFilter ?? (removedData.length === 0 ? where : undefined) ?? null
  if (isolation === 'serializable') await requireNoAddedData(base, start, readRows)
  if (where) {
    await requireNoAddedDeletes(base, start, conflictFilter ?? where)
    await requireNoRemovedData(base, start, conflictFilter ?? where)
  }
  await requireNoDeletesOf(base, start, removedData, { filter: copiesRows ? null : (conflictFilter ?? null) })
}
