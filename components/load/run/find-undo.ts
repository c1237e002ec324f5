import type { AddedFiles } from '@/lib/contract/table/added-files'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'

/** The roll back that takes the rows of a load from readers; without a parent, the load is the first of the table. */
export type LoadUndo = {
  branch: string
  /** The snapshot that is undone: that of the load, or the copy that published it. */
  snapshotId: string
  parentSnapshotId: string | null
  /** The later commits of the branch, which a roll back also undoes. */
  newerCount: number
}

/**
 * Finds the branch from which the rows of a load are taken back: `main` once they were published there, or else the
 * branch of the load.
 *
 * @returns null when the snapshot is no longer in either branch
 */
export function findUndo(
  {
    snapshotId,
    parentSnapshotId,
    newerCount,
    onMain,
  }: Pick<AddedFiles, (keyof LoadUndo & keyof AddedFiles) | 'onMain'>,
  branch: string,
): LoadUndo | null {
  if (branch !== MAIN_BRANCH && onMain !== null) return { branch: MAIN_BRANCH, ...onMain }
  return newerCount === null ? null : { branch, snapshotId, parentSnapshotId, newerCount }
}
