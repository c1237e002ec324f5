import 'server-only'
import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/**
 * Requires that a branch is still there that was there when a write began: the commit would begin another one of this
 * name at the tip of `main`, without what the old one had.
 *
 * @throws {AppError} version-conflict
 */
export function requireBranchLeft(
  before: Pick<TableMetadata, 'refs'>,
  now: Pick<TableMetadata, 'refs'>,
  branch: string,
): void {
  if (branch === MAIN_BRANCH || findRef(before, branch) === null || findRef(now, branch) !== null) return
  throw removedBranchError(branch)
}

export function removedBranchError(branch: string): AppError {
  return new AppError(
    'version-conflict',
    `The table no longer has the branch ${branch}. Nothing was committed. Create the branch again, or choose another one.`,
    { facts: { branch } },
  )
}
