import 'server-only'
import { AppError } from '@/lib/errors'
import { onlyAppends } from '@/lib/iceberg/commit/only-appends'
import type { TableChange, TableUpdate } from '@/lib/iceberg/commit/table-update'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { CommittedTable, TableChangeOrBuilder } from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { findChangePolicy, requireNoPolicyChange } from '@/server/db/catalog/change-policies'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import { findMoreThanAppends } from '@/server/table/commit/read-append'
import type { OperationContext } from './serve-operation'

/** A namespace's policy can refuse commits of engines, except appends. */

/** Checks it on the very metadata that the change replaces. A new table has none to replace. */
export function withPolicyOfEngines(context: OperationContext, change: TableChange): TableChangeOrBuilder {
  if (change.requirements.some(({ type }) => type === 'assert-create')) return change
  return async (table) => {
    await requireEngineMayCommit(context, table, change.updates)
    return change
  }
}

/**
 * Fails the transaction of a commit if the policy was set after it was checked. A commit that its engine calls an
 * append counts as earlier than the policy: most commits are appends, and the guard would order them all.
 */
export function policyOfEnginesChanges({ before, after }: CommittedTable, updates: readonly TableUpdate[]): Change[] {
  if (before === null || onlyAppends(before.metadata, updates)) return []
  return [requireNoPolicyChange(after.identifier, 'engines')]
}

/**
 * Explains a commit that failed because the policy was set after it was checked.
 *
 * @throws {AppError} forbidden if a policy refuses it now; otherwise what `commit` throws
 */
export async function explainPolicyOfEngines<T>(
  context: OperationContext,
  commits: readonly { identifier: TableIdentifier; change: TableChange }[],
  commit: () => Promise<T>,
): Promise<T> {
  try {
    return await commit()
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error
    for (const { identifier, change } of commits)
      await requireEngineMayCommit(context, await context.catalog.loadTable(identifier, context), change.updates)
    throw error
  }
}

/**
 * @param updates of the commit of an engine, on the metadata that it replaces
 * @throws {AppError} forbidden in a namespace whose policy includes engines, unless the commit only appends, by its
 * engine's statement and by its manifests
 */
export async function requireEngineMayCommit(
  context: Pick<OperationContext, 'database' | 'manifestCache' | 'signal'>,
  table: LoadedTable,
  updates: readonly TableUpdate[],
): Promise<void> {
  const ofEngines = (await findChangePolicy(context.database, table.identifier))?.ofEngines ?? null
  if (ofEngines === null) return
  const isAppend = onlyAppends(table.metadata, updates)
  const problem = isAppend ? await findMoreThanAppends(context, table, updates) : null
  if (isAppend && problem === null) return
  const label = namespaceLabel(ofEngines)
  const found = problem === null ? '' : `, but ${problem}`
  throw new AppError(
    'forbidden',
    `Changes of tables in ${label} need two people, including those of engines. Engines can only append there${found}. Nothing was changed. Propose the change in Lakeshore, so that another user can commit it.`,
    { facts: { policy: label } },
  )
}
