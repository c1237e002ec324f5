import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { WriteOptions } from '@/server/catalog/port/catalog-write'
import type { LoadedTable, LoadedView } from '@/server/catalog/port/loaded-table'
import type { Change } from '@/server/db/database'
import { isFound } from '@/server/catalog/is-found'
import { loadIfReadable, loadViewIfReadable } from '@/server/catalog/load-if-readable'
import { doUnlessHeld } from '@/server/policy/held-entries'
import { requireUnprotected } from '@/server/table/protection'
import type { OperationContext } from './serve-operation'

const DROP = { what: 'A drop', by: 'engines', isProposable: true } as const
const MAX_DROP_ATTEMPTS = 5

/**
 * @param toOptions for the table that is dropped; null when its metadata cannot be read
 * @throws {AppError} forbidden where a policy demands two people of engines; invalid-request when the table is protected; version-conflict when others always committed first
 */
export async function dropUnprotected(
  identifier: TableIdentifier,
  context: OperationContext,
  toOptions: (table: LoadedTable | null) => WriteOptions<'drop-table'>,
) {
  await dropWhenUnchanged(async () => {
    const { table } = await loadIfReadable(context.catalog, identifier, context.signal)
    if (table !== null) requireUnprotected(table)
    const expected = table && { expectedLocation: table.metadataLocation }
    const { alongside, ...options } = toOptions(table)
    await doUnlessHeld(context.database, identifier, DROP, (guards) =>
      context.catalog.write(
        { kind: 'drop-table', table: identifier, ...expected },
        {
          ...options,
          alongside: (row) => [...(alongside?.(row) ?? []), ...guards],
        },
      ),
    )
  })
}

/** As {@link dropUnprotected}, for a view. */
export async function dropUnprotectedView(
  identifier: ViewIdentifier,
  context: OperationContext,
  toOptions: (view: LoadedView | null) => WriteOptions<'drop-view'>,
) {
  await dropWhenUnchanged(async () => {
    const view = await loadUnprotectedView(identifier, context)
    const expected = view && { expectedLocation: view.metadataLocation }
    const { alongside, ...options } = toOptions(view)
    await doUnlessHeld(context.database, identifier, DROP, (guards) =>
      context.catalog.write(
        { kind: 'drop-view', view: identifier, ...expected },
        {
          ...options,
          alongside: (row) => [...(alongside?.(row) ?? []), ...guards],
        },
      ),
    )
  })
}

/**
 * @returns null when its metadata cannot be read
 * @throws {AppError} invalid-request when the view is protected
 */
export async function loadUnprotectedView(
  identifier: ViewIdentifier,
  { catalog, signal }: OperationContext,
): Promise<LoadedView | null> {
  const { view } = await loadViewIfReadable(catalog, identifier, signal)
  if (view !== null) requireUnprotected(view, 'view')
  return view
}

/** Checks again if another writer commits, and maybe protects it, between the check and the drop. */
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

/**
 * Registers a table in place of another one with the name, if any.
 *
 * @param register gets changes that fail its transaction if the policy was set after it was checked
 * @throws {AppError} invalid-request if a protected table has the name; forbidden if a policy demands two people for
 * engines, too
 */
export async function overwriteUnprotected<T>(
  identifier: TableIdentifier,
  { catalog, database, signal }: OperationContext,
  register: (guards: readonly Change[]) => Promise<T>,
): Promise<T> {
  if (
    !(await isFound(async () => {
      const { table } = await loadIfReadable(catalog, identifier, signal)
      if (table !== null) requireUnprotected(table)
    }))
  )
    return register([])
  return doUnlessHeld(database, identifier, { what: 'A replacement', by: 'engines' }, register)
}
