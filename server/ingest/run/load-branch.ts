import 'server-only'
import { refNameProblem } from '@/lib/changes/edits/ref-edits'
import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { removedBranchError } from '@/server/table/commit/removed-branch'

/**
 * Checks the branch of a load before anything is read. One that does not exist is created by the commit, unless the
 * landing says that it must exist.
 *
 * @throws {AppError} invalid-request for a tag, or a name that no new branch can have; version-conflict for a branch that
 *   must exist and does not
 */
export function requireBranch(
  { refs }: Pick<TableMetadata, 'refs'>,
  { branch, branchMustExist }: Pick<LoadLanding, 'branch' | 'branchMustExist'>,
): void {
  if (branch === null || branch === MAIN_BRANCH) return
  const ref = findRef({ refs }, branch)
  if (ref?.type === 'tag')
    throw new AppError('invalid-request', `${branch} is a tag, so nothing is loaded into it.`, { facts: { branch } })
  if (ref === null && branchMustExist === true) throw removedBranchError(branch)
  const problem = ref === null ? refNameProblem(branch, 'branch') : null
  if (problem !== null) throw new AppError('invalid-request', problem, { facts: { branch } })
}
