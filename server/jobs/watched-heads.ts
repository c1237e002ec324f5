import 'server-only'
import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'

/**
 * The snapshots of `main` of tables that a schedule watches, in their order; null for a table without one.
 *
 * Readers of the schedule may not know these tables, so no failure names one.
 *
 * @throws {AppError} forbidden when a table does not exist, or the actor may not read it; what the catalogs throw
 */
export async function readHeads(
  { catalogs }: Pick<LakeServices, 'catalogs'>,
  actor: Actor,
  tables: readonly TableIdentifier[],
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const heads: (string | null)[] = []
  for (const table of tables) {
    if (!isPermitted(actor, 'table:read', table)) throw unreadableError(actor)
    try {
      const catalog = await catalogs.open(table.catalog, actor)
      const { metadata } = await catalog.loadTable(table, { signal })
      heads.push(findRef(metadata, MAIN_BRANCH)?.snapshotId ?? null)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'not-found') throw error
      throw unreadableError(actor, error)
    }
  }
  return heads
}

function unreadableError({ username }: Actor, cause?: AppError): AppError {
  return new AppError('forbidden', `A table that it watches does not exist, or ${username} may not read it.`, {
    ...(cause && { cause }),
  })
}

/** @throws {AppError} invalid-request for a table that is named twice, or that the work itself changes */
export function requireWatchable(
  tables: readonly TableIdentifier[],
  target: TableIdentifier | null,
): readonly TableIdentifier[] {
  if (tables.length === 0)
    throw new AppError('invalid-request', 'Name the tables whose changes start a run, at least one.')
  for (const [i, table] of tables.entries()) {
    if (target !== null && isSameTable(table, target))
      throw new AppError(
        'invalid-request',
        'Each run would change the table that it watches, and so start the next run. Choose other tables, or times.',
      )
    if (tables.slice(0, i).some((other) => isSameTable(other, table)))
      throw new AppError('invalid-request', 'A watched table is named twice.')
  }
  return tables
}
