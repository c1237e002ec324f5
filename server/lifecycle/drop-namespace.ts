import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { requirePermission } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Services } from '@/server/services'
import { requireNotHeld } from '@/server/table/proposals/held-entries'
import { requireUnprotected } from '@/server/table/protection'
import { DROP_BY_USER, dropTable } from './drop-table'
import type { LifecycleContext } from './lifecycle-audit'
import { loadIfReadable } from './load-if-readable'

type DropServices = Pick<Services, 'catalogs' | 'config' | 'database'>

/**
 * Drops a namespace with the tables that the user saw in it. Each is dropped by itself, without its files, so the built-in
 * catalog can restore it once there is a namespace of that name again. All of them are looked at before the first goes.
 *
 * @throws {AppError} namespace-not-empty when it contains something else; invalid-request when the name was not confirmed
 *   or a table is protected; forbidden, also where a policy demands two people; what dropping a table throws, with how many are dropped
 */
export async function dropNamespace(
  services: DropServices,
  { catalog: catalogName, namespace }: { catalog: string; namespace: Namespace },
  { confirmedName, tables }: { confirmedName: string; tables: readonly string[] },
  context: LifecycleContext,
): Promise<void> {
  const { actor, signal } = context
  const label = namespaceLabel(namespace)
  if (confirmedName !== label) throw new AppError('invalid-request', `To confirm, type ${label}.`)
  const catalog = await services.catalogs.open(catalogName, actor)
  await requireAbility(catalog, 'drop-namespace', signal)
  if (tables.length > 0) {
    await requireNotHeld(services.database, { catalog: catalogName, namespace }, DROP_BY_USER)
    await requireAbility(catalog, 'drop-table', signal)
    const found = await findTables(catalog, namespace, tables, context)
    let droppedCount = 0
    for (const { identifier, metadataLocation } of found) {
      try {
        const review = { isPurge: false, metadataLocation, confirmedName: `${label}.${identifier.table}` }
        await dropTable(services, identifier, review, context)
      } catch (error) {
        if (!(error instanceof AppError) || droppedCount === 0) throw error
        throw new AppError(
          error.code,
          `${formatQuantity(droppedCount, 'table')} were dropped, then ${identifier.table} was not: ${error.message}`,
          { cause: error, facts: error.facts },
        )
      }
      droppedCount += 1
    }
  }
  await catalog.dropNamespace(namespace, { signal })
}

type FoundTable = { identifier: TableIdentifier; metadataLocation: string | null }

/** The tables as they are now. */
async function findTables(
  catalog: CatalogClient,
  namespace: Namespace,
  names: readonly string[],
  { actor, signal }: LifecycleContext,
): Promise<FoundTable[]> {
  const [tables, views, namespaces] = await Promise.all([
    catalog.listTables(namespace, { signal }),
    catalog.listViews(namespace, { signal }),
    catalog.listNamespaces(namespace, { signal }),
  ])
  const shown = new Set(names)
  const isAsShown = tables.length === shown.size && tables.every(({ table }) => shown.has(table))
  if (!isAsShown || views.length + namespaces.length > 0) {
    throw new AppError(
      'namespace-not-empty',
      `Namespace ${namespaceLabel(namespace)} contains something else than the tables that were shown. Nothing was dropped.`,
    )
  }
  const found: FoundTable[] = []
  for (const identifier of tables) {
    requirePermission(actor, 'table:maintain', identifier)
    const { table } = await loadIfReadable(catalog, identifier, signal)
    if (table !== null) requireUnprotected(table)
    found.push({ identifier, metadataLocation: table?.metadataLocation ?? null })
  }
  return found
}
