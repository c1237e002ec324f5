import 'server-only'
import type { Favourite, FavouriteTarget, VisitedEntry } from '@/lib/contract/shortcuts'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, canEnter, isPermitted, requirePermission, requireVisible } from '@/server/auth/actor'
import * as stored from '@/server/db/catalog/shortcuts'
import { readNamesOfQueries, readQuery } from '@/server/query/saved-queries'
import type { Services } from '@/server/services'

type ShortcutServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'namedTables'>

/**
 * The favourites of the actor and their last visits, without what they may not read now. A dropped table or view is
 * listed only among the favourites, for those who may read its name.
 */
export async function readShortcuts(
  services: ShortcutServices,
  actor: Actor,
): Promise<{ favourites: Favourite[]; visits: VisitedEntry[] }> {
  const { catalogs, database } = services
  const [favourites, visits, names] = await Promise.all([
    stored.readFavourites(database, actor.userId),
    stored.readVisits(database, actor.userId),
    catalogs.listNames(actor),
  ])
  const queryIds = favourites.flatMap((one) => (one.kind === 'query' ? [one.queryId] : []))
  const queryNames = await readNamesOfQueries(services, actor, queryIds)
  const isReadable = ({ catalog, namespace, name }: VisitedEntry) =>
    names.includes(catalog) && isPermitted(actor, 'table:read', { catalog, namespace, table: name })
  return {
    favourites: favourites.flatMap((one): Favourite[] => {
      switch (one.kind) {
        case 'query': {
          const name = queryNames.get(one.queryId)
          return name === undefined ? [] : [{ kind: one.kind, queryId: one.queryId, name }]
        }
        case 'namespace': {
          const { kind, catalog, namespace } = one
          return names.includes(catalog) && canEnter(actor, { catalog, namespace })
            ? [{ kind, catalog, namespace }]
            : []
        }
        default:
          return isReadable(one) ? [one] : []
      }
    }),
    visits: visits.flatMap((one): VisitedEntry[] => {
      if (one.kind === 'namespace' || one.kind === 'query' || one.isDropped || !isReadable(one)) return []
      const { kind, catalog, namespace, name } = one
      return [{ kind, catalog, namespace, name }]
    }),
  }
}

/**
 * @throws {AppError} not-found when it does not exist, or the actor may not see it; invalid-request when the actor has
 * the greatest number of favourites; what reading it throws
 */
export async function addFavourite(
  services: ShortcutServices,
  actor: Actor,
  target: FavouriteTarget,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  await stored.addFavourite(services.database, actor.userId, await findTarget(services, actor, target, { signal }))
}

/** Works for a name that no longer exists, too. */
export async function removeFavourite(
  { database }: Pick<Services, 'database'>,
  actor: Actor,
  target: FavouriteTarget,
): Promise<void> {
  await stored.removeFavourite(database, actor.userId, target)
}

/** @throws {AppError} not-found when the actor may not read it */
export async function recordVisit(
  { database }: Pick<Services, 'database'>,
  actor: Actor,
  visited: VisitedEntry & { uuid: string },
): Promise<void> {
  requirePermission(actor, 'table:read', toTable(visited))
  await stored.recordVisit(database, actor.userId, visited)
}

async function findTarget(
  services: ShortcutServices,
  actor: Actor,
  target: FavouriteTarget,
  options: { signal: AbortSignal },
): Promise<stored.ShortcutTarget> {
  if (target.kind === 'query') {
    await readQuery(services, actor, target.queryId)
    return target
  }
  const { catalog, namespace } = target
  const client = await services.catalogs.open(catalog, actor)
  if (target.kind === 'namespace') {
    requireVisible(actor, { catalog, namespace })
    return target
  }
  const table = toTable(target)
  requirePermission(actor, 'table:read', table)
  const uuid =
    target.kind === 'table'
      ? (await client.loadTable(table, options)).metadata.tableUuid
      : (await client.loadView(asViewIdentifier(table), options)).metadata.viewUuid
  return { ...target, uuid }
}

function toTable({ catalog, namespace, name: table }: Omit<VisitedEntry, 'kind'>): TableIdentifier {
  return { catalog, namespace, table }
}
