import 'server-only'
import { onlyAppends } from '@/lib/iceberg/commit/only-appends'
import type { TableChange, TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { CommittedTable, TableChangeOrBuilder } from '@/server/catalog/catalog-client'
import { requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import { requireEngineMayCommit } from '@/server/policy/demanded-proposal'
import type { OperationContext } from './serve-operation'

/** A namespace's policy can refuse what engines commit there, except appends. */

/** Checks it on the very metadata that the change replaces. A new table changes none. */
export function withPolicyOfEngines({ database }: OperationContext, change: TableChange): TableChangeOrBuilder {
  if (change.requirements.some(({ type }) => type === 'assert-create')) return change
  return async (table) => {
    await requireEngineMayCommit(database, table, change.updates)
    return change
  }
}

/** Fails the transaction of a commit when the policy was set after it was checked. */
export function policyOfEnginesChanges({ before, after }: CommittedTable, updates: readonly TableUpdate[]): Change[] {
  if (before === null || onlyAppends(before.metadata, updates)) return []
  return [requireNoPolicyChange(after.identifier, 'engines')]
}

/**
 * Explains a commit that failed because the policy was set after it was checked.
 *
 * @throws {AppError} forbidden when a policy refuses it by now; otherwise what `commit` throws
 */
export async function explainPolicyOfEngines<T>(
  { database, catalog, signal }: OperationContext,
  commits: readonly { identifier: TableIdentifier; change: TableChange }[],
  commit: () => Promise<T>,
): Promise<T> {
  try {
    return await commit()
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    for (const { identifier, change } of commits)
      await requireEngineMayCommit(database, await catalog.loadTable(identifier, { signal }), change.updates)
    throw error
  }
}
