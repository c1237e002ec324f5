import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier, ViewIdentifier } from '@/lib/iceberg/identifiers'
import type { LoadedTable, RowOptions } from '@/server/catalog/catalog-client'
import { loadIfReadable, loadViewIfReadable } from '@/server/lifecycle/load-if-readable'
import { requireUnprotected } from '@/server/table/protection'
import type { OperationContext } from './serve-operation'

const MAX_DROP_ATTEMPTS = 5

/**
 * @param toOptions for the table that is dropped; null when its metadata cannot be read
 * @throws {AppError} invalid-request when the table is protected; version-conflict when others always committed first
 */
export async function dropUnprotected(
  identifier: TableIdentifier,
  context: OperationContext,
  toOptions: (table: LoadedTable | null) => RowOptions,
) {
  await dropWhenUnchanged(async () => {
    const { table } = await loadIfReadable(context.catalog, identifier, context.signal)
    if (table !== null) requireUnprotected(table)
    const expected = table && { expectedLocation: table.metadataLocation }
    await context.catalog.dropTable(identifier, { ...toOptions(table), ...expected })
  })
}

/** As {@link dropUnprotected}, for a view. */
export async function dropUnprotectedView(
  identifier: ViewIdentifier,
  context: OperationContext,
  options: RowOptions<ViewIdentifier>,
) {
  await dropWhenUnchanged(async () => {
    const { view } = await loadViewIfReadable(context.catalog, identifier, context.signal)
    if (view !== null) requireUnprotected(view, 'view')
    const expected = view && { expectedLocation: view.metadataLocation }
    await context.catalog.dropView(identifier, { ...options, ...expected })
  })
}

/** @throws {AppError} invalid-request when the view is protected */
export async function requireUnprotectedView(identifier: ViewIdentifier, { catalog, signal }: OperationContext) {
  const { view } = await loadViewIfReadable(catalog, identifier, signal)
  if (view !== null) requireUnprotected(view, 'view')
}

/** Looks again when another writer commits, and maybe protects it, between the look and the drop. */
async function dropWhenUnchanged(attemptDrop: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptDrop()
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
