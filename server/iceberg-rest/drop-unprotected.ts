import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { LoadedTable, RowOptions } from '@/server/catalog/catalog-client'
import { loadIfReadable } from '@/server/lifecycle/load-if-readable'
import { requireUnprotected } from '@/server/table/protection'
import type { OperationContext } from './serve-operation'

const MAX_DROP_ATTEMPTS = 5

/**
 * Looks again when another writer commits, and maybe protects the table, between the look and the drop.
 *
 * @param toOptions for the table that is dropped; null when its metadata cannot be read
 * @throws {AppError} invalid-request when the table is protected; version-conflict when others always committed first
 */
export async function dropUnprotected(
  identifier: TableIdentifier,
  context: OperationContext,
  toOptions: (table: LoadedTable | null) => RowOptions,
) {
  for (let attempt = 1; ; attempt += 1) {
    const { table } = await loadIfReadable(context.catalog, identifier, context.signal)
    if (table !== null) requireUnprotected(table)
    try {
      const expected = table && { expectedLocation: table.metadataLocation }
      return await context.catalog.dropTable(identifier, { ...toOptions(table), ...expected })
    } catch (error) {
      const isConflict = error instanceof AppError && error.code === 'version-conflict'
      if (!isConflict || attempt === MAX_DROP_ATTEMPTS) throw error
    }
  }
}

/** @throws {AppError} invalid-request when there is a protected table of the name */
export async function requireOverwritable(identifier: TableIdentifier, { catalog, signal }: OperationContext) {
  try {
    const { table } = await loadIfReadable(catalog, identifier, signal)
    if (table !== null) requireUnprotected(table)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'not-found')) throw error
  }
}
