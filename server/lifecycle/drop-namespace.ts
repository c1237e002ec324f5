import 'server-only'
import { AppError } from '@/lib/errors'
import {
  asTableIdentifier,
  type Namespace,
  namespaceLabel,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/iceberg/identifiers'
import { requirePermission } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Services } from '@/server/services'
import { requireNotHeld } from '@/server/policy/held-entries'
import { requireUnprotected } from '@/server/table/protection'
import { dropTable } from './drop-table'
import { dropView } from './drop-view'
import type { LifecycleContext } from './lifecycle-audit'
import { loadIfReadable, loadViewIfReadable } from './load-if-readable'

const DROP = { what: 'A drop of a namespace with its tables', by: 'console' } as const

type DropServices = Pick<Services, 'catalogs' | 'config' | 'database'>

/** The names of what is in a namespace. */
type Contents = { tables: readonly string[]; views: readonly string[] }

/**
 * Drops a namespace with the tables and views that the user saw in it. Each is dropped by itself, without its files, so the
 * built-in catalog can restore it once there is a namespace of that name again. All of them are looked at before the first
 * goes, and views go first, because they read tables.
 *
 * @throws {AppError} namespace-not-empty when it contains something else; invalid-request when the name was not confirmed,
 *   or a table or view is protected; forbidden, also where a policy demands two people; what dropping one of them throws,
 *   with the names of those that went
 */
export async function dropNamespace(
  services: DropServices,
  { catalog: catalogName, namespace }: { catalog: string; namespace: Namespace },
  { confirmedName, ...shown }: Contents & { confirmedName: string },
  context: LifecycleContext,
): Promise<void> {
  const { actor, signal } = context
  const label = namespaceLabel(namespace)
  if (confirmedName !== label) throw new AppError('invalid-request', `To confirm, type ${label}.`)
  const catalog = await services.catalogs.open(catalogName, actor)
  await requireAbility(catalog, 'drop-namespace', signal)
  if (shown.tables.length > 0) await requireAbility(catalog, 'drop-table', signal)
  if (shown.views.length > 0) await requireAbility(catalog, 'drop-view', signal)
  const isEmpty = shown.tables.length + shown.views.length === 0
  if (!isEmpty) await requireNotHeld(services.database, { catalog: catalogName, namespace }, DROP)
  const found = isEmpty ? [] : await findContents(catalog, namespace, shown, context)
  for (const [index, { name, metadataLocation, ...one }] of found.entries()) {
    const review = { metadataLocation, confirmedName: `${label}.${name}` }
    try {
      if (one.kind === 'view') await dropView(services, one.identifier, review, context)
      else await dropTable(services, one.identifier, { ...review, isPurge: false }, context)
    } catch (error) {
      const names = found.map((other) => other.name)
      throw explainPartialDrop(error, { dropped: names.slice(0, index), failed: name, left: names.slice(index + 1) })
    }
  }
  try {
    await catalog.dropNamespace(namespace, { signal })
  } catch (error) {
    throw explainPartialDrop(error, { dropped: found.map(({ name }) => name), failed: `namespace ${label}`, left: [] })
  }
}

/** Says what went and what did not. An error before anything went already says all of it. */
function explainPartialDrop(
  error: unknown,
  { dropped, failed, left }: { dropped: readonly string[]; failed: string; left: readonly string[] },
): unknown {
  if (!(error instanceof AppError) || dropped.length === 0) return error
  const outcome = error.code === 'commit-state-unknown' ? 'Not known' : 'Not dropped'
  const untouched = left.length === 0 ? '' : ` Not tried: ${left.join(', ')}.`
  return new AppError(
    error.code,
    `Dropped: ${dropped.join(', ')}. ${outcome}: ${failed}, because: ${error.message}${untouched} The namespace is still there.`,
    { cause: error, facts: error.facts },
  )
}

type Found = { name: string; metadataLocation: string | null } & (
  | { kind: 'table'; identifier: TableIdentifier }
  | { kind: 'view'; identifier: ViewIdentifier }
)

/** The views and tables as they are now. */
async function findContents(
  catalog: CatalogClient,
  namespace: Namespace,
  shown: Contents,
  { actor, signal }: LifecycleContext,
): Promise<Found[]> {
  const [tables, views, namespaces] = await Promise.all([
    catalog.listTables(namespace, { signal }),
    catalog.listViews(namespace, { signal }),
    catalog.listNamespaces(namespace, { signal }),
  ])
  const tableNames = tables.map(({ table }) => table)
  const viewNames = views.map(({ view }) => view)
  if (!isSame(tableNames, shown.tables) || !isSame(viewNames, shown.views) || namespaces.length > 0) {
    throw new AppError(
      'namespace-not-empty',
      `Namespace ${namespaceLabel(namespace)} contains something else than what was shown. Nothing was dropped.`,
    )
  }
  const found: Found[] = []
  for (const identifier of views) {
    requirePermission(actor, 'table:maintain', asTableIdentifier(identifier))
    const { view } = await loadViewIfReadable(catalog, identifier, signal)
    if (view !== null) requireUnprotected(view, 'view')
    found.push({ kind: 'view', identifier, name: identifier.view, metadataLocation: view?.metadataLocation ?? null })
  }
  for (const identifier of tables) {
    requirePermission(actor, 'table:maintain', identifier)
    const { table } = await loadIfReadable(catalog, identifier, signal)
    if (table !== null) requireUnprotected(table)
    found.push({ kind: 'table', identifier, name: identifier.table, metadataLocation: table?.metadataLocation ?? null })
  }
  return found
}

function isSame(names: readonly string[], shown: readonly string[]): boolean {
  const expected = new Set(shown)
  return names.length === expected.size && names.every((name) => expected.has(name))
}
