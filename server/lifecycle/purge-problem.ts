import 'server-only'
import { AppError, isDatabaseError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { isSameTable, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, actorFor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import { loadSharingTables, UnlistedError } from '@/server/maintenance/expiry/sharing-tables'
import { requirePurgeable } from '@/server/maintenance/purge-table'
import type { Services } from '@/server/services'
import { parseLocation } from '@/server/locations/location-gate'
import { clock } from '@/server/timing/clock'
import type { LifecycleContext } from './lifecycle-context'

/** How long a request reads the tables of a catalog: proxies give up after a minute. */
const LOOK_BUDGET_MS = 30_000
const KEEP_FILES = 'Drop the table without its files.'

/** A table that may be dropped with its files; `table` is null when its metadata cannot be read. */
export type PurgeTarget = { catalog: CatalogClient; identifier: TableIdentifier; table: LoadedTable | null }

/**
 * Why the files of a table may not be removed with it; null if they may. For the catalog of a connection it reads every
 * table there, because the protocol has no other way to learn where tables are.
 *
 * @param options.lookBudgetMs how long it reads them; when that is too short, the files may not be removed
 */
export async function findPurgeProblem(
  services: Pick<Services, 'catalogs' | 'database'>,
  target: PurgeTarget,
  context: Pick<LifecycleContext, 'actor' | 'signal'>,
  { lookBudgetMs = LOOK_BUDGET_MS }: { lookBudgetMs?: number } = {},
): Promise<string | null> {
  const { catalog, table } = target
  const problem = await findKnownPurgeProblem(target, context)
  if (problem !== null || table === null || catalog.purgeSupport) return problem
  return findSharedFolder(services, { ...target, table }, { ...context, lookBudgetMs })
}

/** As {@link findPurgeProblem}, without reading other tables of a connection's catalog. */
export async function findKnownPurgeProblem(
  { catalog, identifier, table }: PurgeTarget,
  { signal }: Pick<LifecycleContext, 'signal'>,
): Promise<string | null> {
  if (!(await catalog.abilities({ signal })).has('purge-table')) {
    return `The catalog ${catalog.name} cannot remove the files of tables.`
  }
  if (table === null) return 'The metadata cannot be read, so it is unknown which files belong to the table.'
  const sharing = (await catalog.purgeSupport?.findTablesWithin(table.metadata.location)) ?? []
  try {
    requirePurgeable(
      table,
      sharing.filter((other) => !isSameTable(other, identifier)),
    )
    return null
  } catch (error) {
    if (error instanceof AppError && (error.code === 'invalid-request' || error.code === 'format-unsupported'))
      return error.message
    throw error
  }
}

type LookContext = Pick<LifecycleContext, 'actor' | 'signal'> & { lookBudgetMs: number }

async function findSharedFolder(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  { catalog: { name }, identifier, table }: PurgeTarget & { table: LoadedTable },
  { actor, signal, lookBudgetMs }: LookContext,
): Promise<string | null> {
  const folders = tableFolders(table.metadata)
  const incomparable = folders.find((folder) => parseLocation(folder) === null)
  if (incomparable !== undefined) {
    return `Lakeshore cannot compare ${incomparable} with the folders of other tables, so it is not known whether one of them uses these files. ${KEEP_FILES}`
  }
  const isOther = (one: LoadedTable) => !isSameTable(one.identifier, identifier)
  const isVisible = (one: TableIdentifier) => isPermitted(actor, 'table:read', one)
  const budget = clock.deadline(lookBudgetMs)
  let counts: { looked: number; total: number } | null = null
  let unreadable: TableIdentifier | null = null
  try {
    const everything = await catalogs.open(name, allSeeing(actor))
    const watched: CatalogClient = {
      ...everything,
      async loadTable(one, options) {
        try {
          return await everything.loadTable(one, options)
        } catch (error) {
          if (!(error instanceof AppError && error.code === 'not-found')) unreadable ??= one
          throw error
        }
      },
    }
    const found = await loadSharingTables(watched, folders, {
      signal: AbortSignal.any([signal, budget]),
      ending: KEEP_FILES,
      isEnough: (some) => some.some(isOther),
      nowMs: () => database.nowMs(),
      checked: null,
      onListed: (looked, total) => {
        counts = { looked, total }
      },
      onTable: (looked, total) => {
        counts = { looked, total }
      },
      saveChecked: async () => {},
    })
    const others = found.filter(isOther).map((one) => one.identifier)
    return others.length === 0 ? null : sharedProblem(others.find(isVisible) ?? null)
  } catch (error) {
    signal.throwIfAborted()
    if (budget.aborted) return slowProblem(name, lookBudgetMs, counts)
    if (!(error instanceof AppError) || isDatabaseError(error)) throw error
    return unknownProblem(error, { catalog: name, unreadable, actor })
  }
}

/** Also tables that the user may not see may use the files. */
function allSeeing({ userId, username }: Actor): Actor {
  return actorFor({ userId, username, role: 'admin' })
}

/** @param other null if the user may see none of the tables that share a folder */
function sharedProblem(other: TableIdentifier | null): string {
  const name = other === null ? 'Another table, which you may not see,' : labelOf(other)
  return `${name} has a folder in common with this table, so its files may be in use. ${KEEP_FILES}`
}

function slowProblem(catalog: string, budgetMs: number, counts: { looked: number; total: number } | null): string {
  const progress = counts === null ? '' : `, with ${formatCount(counts.looked)} of ${formatCount(counts.total)} read`
  return `Reading the tables of ${catalog} took longer than ${formatQuantity(budgetMs / 1000, 'second')}${progress}, so it is not known whether another one uses these files. ${KEEP_FILES}`
}

/** The sentence does not name a hidden table, and leaves out its error. */
function unknownProblem(
  error: AppError,
  { catalog, unreadable, actor }: { catalog: string; unreadable: TableIdentifier | null; actor: Actor },
): string {
  if (unreadable !== null && isPermitted(actor, 'table:read', unreadable)) {
    return `${labelOf(unreadable)} cannot be read, so it is not known whether it uses these files: ${error.message} Drop the table without its files, or retry when ${labelOf(unreadable)} can be read.`
  }
  if (error instanceof UnlistedError && error.namespace !== null) {
    const { namespace } = error
    if (isPermitted(actor, 'table:read', { catalog, namespace })) return error.message
  }
  const isTooLarge = unreadable === null && !(error instanceof UnlistedError) && error.code === 'too-large'
  if (!isTooLarge && !isPermitted(actor, 'table:read', { catalog })) {
    return `A part of ${catalog} that you may not see cannot be read, so it is not known whether a table there uses these files. ${KEEP_FILES}`
  }
  if (error.message.endsWith(KEEP_FILES)) return error.message
  return `The tables of ${catalog} cannot be listed, so it is not known whether another one uses these files: ${error.message} ${KEEP_FILES}`
}

function labelOf({ namespace, table }: TableIdentifier): string {
  return `${namespaceLabel(namespace)}.${table}`
}
