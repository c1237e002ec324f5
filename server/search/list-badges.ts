import 'server-only'
import type { EntryBadge } from '@/lib/contract/namespaces'
import type { TableBadge } from '@/lib/contract/shapes/lake'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { type BadgedEntry, readBadges, readBadgesIn, readPendingIn } from '@/server/db/search/badges-of-objects'
import type { Services } from '@/server/services'
import { readIndexedSources, toScope } from './indexed-sources'

type BadgeServices = Pick<Services, 'catalogs' | 'database'>

const MAX_MARKS = 1000
const MAX_PENDING = 100

/** The badges of tables and views that the actor is shown anyway, as the index has them. */
export async function readBadgesOf(
  services: BadgeServices,
  actor: Actor,
  tables: readonly (TableIdentifier | null)[],
): Promise<TableBadge[]> {
  const distinct = new Map(
    tables.flatMap((table) =>
      table === null ? [] : [[JSON.stringify([table.catalog, joinNamespace(table.namespace), table.table]), table]],
    ),
  )
  if (distinct.size === 0) return []
  const { searched } = await readIndexedSources(services, actor)
  const catalogs = new Set(searched.map(({ catalog }) => catalog))
  return readBadges(
    services.database,
    [...distinct.values()].filter(({ catalog }) => catalogs.has(catalog)),
  )
}

/**
 * The visible badges directly in a namespace (null: the top of the catalog).
 *
 * @throws {AppError} not-found for a catalog that does not exist, or that the actor may not enter
 */
export async function listBadgesIn(
  services: BadgeServices,
  actor: Actor,
  catalog: string,
  parent: Namespace | null,
): Promise<{ badges: EntryBadge[]; isTruncated: boolean; isIndexing: boolean }> {
  const { database } = services
  const { sources: known, searched } = await readIndexedSources(services, actor)
  if (!known.some((source) => source.catalog === catalog))
    throw new AppError('not-found', `There is no catalog named ${catalog} that you may see.`)
  const sources = searched.filter((source) => source.catalog === catalog)
  if (sources.length === 0) return { badges: [], isTruncated: false, isIndexing: false }
  const [badged, pending] = await Promise.all([
    readBadgesIn(database, catalog, parent, { scope: toScope(actor, sources), limit: MAX_MARKS + 1 }),
    readPendingIn(database, catalog, parent, MAX_PENDING),
  ])
  // The query leaves out hidden objects; this check decides.
  const visible = badged.slice(0, MAX_MARKS).filter((entry) => isVisible(actor, catalog, entry))
  return {
    badges: visible.map(toEntryBadge),
    isTruncated: badged.length > MAX_MARKS,
    isIndexing: pending.some((entry) => isVisible(actor, catalog, entry)),
  }
}

function isVisible(
  actor: Actor,
  catalog: string,
  { namespace, name }: Pick<BadgedEntry, 'namespace' | 'name'>,
): boolean {
  return name === null
    ? isPermitted(actor, 'catalog:read', { catalog, namespace })
    : isPermitted(actor, 'table:read', { catalog, namespace, table: name })
}

function toEntryBadge({ kind, namespace, name, badge, badgeReason }: BadgedEntry): EntryBadge {
  return { kind, name: name ?? namespace.at(-1) ?? '', badge, badgeReason }
}
