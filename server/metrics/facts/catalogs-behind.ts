import 'server-only'
import type { CatalogBehind } from '@/lib/contract/shapes/lake'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { type FactCatalog, readFactCatalogs } from '@/server/db/facts/fact-catalogs'
import { readOldestChangeMs } from '@/server/db/facts/fact-changes'
import { isWorkerAlive } from '@/server/db/jobs/workers'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { readCatalogNames } from './catalog-names'

const MAX_LISTED = 200
/** A worker reads our own catalog within seconds. */
const UNREAD_MS = 60_000
/** A worker compares our own catalog with the history every 30 seconds, or slower if it is large. */
const UNCOMPARED_MS = 5 * 60_000

export type CatalogReadings = {
  /** The catalogs whose history is not current. */
  behind: CatalogBehind[]
  /** Up to when the histories of all others are complete, too; null: of none is known. */
  completeAtMs: number | null
}

/**
 * How current the histories of the catalogs of a scope are, also of those of which nothing was read yet. Details of a
 * problem may name tables that the actor may not read, so they are left out.
 */
export async function readCatalogReadings(
  services: Pick<MetricsServices, 'config' | 'database'>,
  actor: Actor,
  scope: { catalog?: string | undefined },
): Promise<CatalogReadings> {
  const { config, database } = services
  const names = (await readCatalogNames(services, actor)).filter((name) => (scope.catalog ?? name) === name)
  const readings = new Map((await readFactCatalogs(database)).map((one) => [one.catalog, one]))
  const ofOwn = readings.get(config.catalogName)
  const own = ofOwn && names.includes(config.catalogName) ? await readOwnReading(database, ofOwn) : null
  const all = names.toSorted().map((catalog) => {
    const isOwn = own !== null && catalog === config.catalogName
    const reading = isOwn ? own.reading : readings.get(catalog)
    return { reading, behind: toCatalogBehind(catalog, reading, { isStopped: isOwn && own.isStopped }) }
  })
  const times = all.flatMap(({ reading }) => reading?.completeAtMs ?? [])
  return {
    behind: all.flatMap(({ behind }) => behind ?? []).slice(0, MAX_LISTED),
    completeAtMs: times.length === 0 ? null : Math.min(...times),
  }
}

/** Our own catalog is complete up to the first change that no worker has added to the history. */
async function readOwnReading(
  database: Database,
  reading: FactCatalog,
): Promise<{ reading: FactCatalog; isStopped: boolean }> {
  const [oldestMs, isAlive] = await Promise.all([
    readOldestChangeMs(database, reading.catalog),
    isWorkerAlive(database),
  ])
  const nowMs = database.nowMs()
  const { completeAtMs } = reading
  const isStopped =
    (oldestMs !== null && oldestMs < nowMs - UNREAD_MS) ||
    (completeAtMs !== null && completeAtMs < nowMs - (isAlive ? UNCOMPARED_MS : UNREAD_MS))
  const isEarlier = oldestMs !== null && completeAtMs !== null && oldestMs < completeAtMs
  return { reading: isEarlier ? { ...reading, completeAtMs: oldestMs } : reading, isStopped }
}

function toCatalogBehind(
  catalog: string,
  reading: FactCatalog | undefined,
  { isStopped }: { isStopped: boolean },
): CatalogBehind | null {
  if (reading === undefined) return { catalog, reason: 'not-begun', code: null, completeAtMs: null }
  const { problem, completeAtMs, unreadCount, lateCount, isTruncated } = reading
  const behind = (reason: CatalogBehind['reason']) => ({ catalog, reason, code: problem?.code ?? null, completeAtMs })
  if (problem !== null) return behind('problem')
  if (isStopped) return behind('stopped')
  if (unreadCount > 0) return behind('unread')
  if (lateCount > 0) return behind('late')
  return isTruncated ? behind('truncated') : null
}
