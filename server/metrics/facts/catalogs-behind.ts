import 'server-only'
import type { Ingestion } from '@/lib/contract/dashboards'
import { type Actor, canEnter } from '@/server/auth/actor'
import type { FactScope } from '@/server/db/facts/fact-tables'
import type { Database } from '@/server/db/database'
import { type FactCatalog, readFactCatalogs } from '@/server/db/facts/fact-catalogs'

const MAX_LISTED = 200

type CatalogBehind = Ingestion['behind'][number]

/**
 * The catalogs of a scope whose history is not current, also those of which nothing was read yet. Details may name tables
 * that the actor may not read.
 */
export async function readCatalogsBehind(
  database: Database,
  actor: Actor,
  scope: Pick<FactScope, 'catalog'>,
): Promise<CatalogBehind[]> {
  const catalogs = (await readFactCatalogs(database)).filter(
    ({ catalog }) => canEnter(actor, { catalog }) && (scope.catalog ?? catalog) === catalog,
  )
  return catalogs.flatMap((one) => toCatalogBehind(one) ?? []).slice(0, MAX_LISTED)
}

function toCatalogBehind({
  catalog,
  problem,
  completeAtMs,
  unreadCount,
  lateCount,
  isTruncated,
}: FactCatalog): CatalogBehind | null {
  const behind = (reason: CatalogBehind['reason']) => ({ catalog, reason, code: problem?.code ?? null, completeAtMs })
  if (problem !== null) return behind('problem')
  if (unreadCount > 0) return behind('unread')
  if (lateCount > 0) return behind('late')
  return isTruncated ? behind('truncated') : null
}
