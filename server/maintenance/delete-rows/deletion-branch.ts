import 'server-only'
import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/**
 * Rows are deleted from a branch that exists.
 *
 * @param branch null: `main`, which may have no snapshot yet
 * @throws {AppError} invalid-request for a tag, not-found for a name that no branch has
 */
export function requireDeletionBranch({ refs }: Pick<TableMetadata, 'refs'>, branch: string | null): void {
  if (branch === null || branch === MAIN_BRANCH) return
  const ref = findRef({ refs }, branch)
  if (ref?.type === 'tag')
    throw new AppError('invalid-request', `${branch} is a tag, so no row of it is deleted.`, { facts: { branch } })
  if (ref === null)
    throw new AppError('not-found', `The table has no branch ${branch}. No row was deleted.`, { facts: { branch } })
}
