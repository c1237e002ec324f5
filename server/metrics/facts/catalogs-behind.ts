import 'server-only'
import type { CatalogBehind } from '@/lib/contract/shapes/lake'
import type { Actor } from '@/server/auth/actor'
import { type FactCatalog, readFactCatalogs } from '@/server/db/facts/fact-catalogs'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { readCatalogNames } from './catalog-names'

const MAX_LISTED = 200

/**
 * The catalogs of a scope whose history is not current, also those of which nothing was read yet. Details of a problem
 * may name tables that the actor may not read, so they are left out.
 */
export async function readCatalogsBehind(
  services: Pick<MetricsServices, 'config' | 'database'>,
  actor: Actor,
  scope: { catalog?: string | undefined },
): Promise<CatalogBehind[]> {
  const names = await readCatalogNames(services, actor)
  const readings = new Map((await readFactCatalogs(services.database)).map((one) => [one.catalog, one]))
  return names
    .filter((name) => (scope.catalog ?? name) === name)
    .toSorted()
    .flatMap((catalog) => toCatalogBehind(catalog, readings.get(catalog)) ?? [])
    .slice(0, MAX_LISTED)
}

function toCatalogBehind(catalog: string, reading: FactCatalog | undefined): CatalogBehind | null {
  if (reading === undefined) return { catalog, reason: 'not-begun', code: null, completeAtMs: null }
  const { problem, completeAtMs, unreadCount, lateCount, isTruncated } = reading
  const behind = (reason: CatalogBehind['reason']) => ({ catalog, reason, code: problem?.code ?? null, completeAtMs })
  if (problem !== null) return behind('problem')
  if (unreadCount > 0) return behind('unread')
  if (lateCount > 0) return behind('late')
  return isTruncated ? behind('truncated') : null
}
