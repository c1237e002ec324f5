import 'server-only'
import { refNameProblem } from '@/lib/changes/edits/ref-edits'
import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/**
 * Checks the branch of a load before anything is read. One that does not exist is created by the commit.
 *
 * @param branch null: `main`
 * @throws {AppError} invalid-request for a tag, or a name that no new branch can have
 */
export function requireBranch({ refs }: Pick<TableMetadata, 'refs'>, branch: string | null): void {
  if (branch === null || branch === MAIN_BRANCH) return
  const ref = findRef({ refs }, branch)
  if (ref?.type === 'tag')
    throw new AppError('invalid-request', `${branch} is a tag, so nothing is loaded into it.`, { facts: { branch } })
  const problem = ref === null ? refNameProblem(branch, 'branch') : null
  if (problem !== null) throw new AppError('invalid-request', problem, { facts: { branch } })
}
