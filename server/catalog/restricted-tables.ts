import 'server-only'
import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import { clock } from '@/server/timing/clock'
import type { LakeServices } from './lake-services'

const CONCURRENCY = 4

/**
 * Looks for tables whose catalogs restrict what the actor may read of them now, because something was stored when they
 * were read. Loads each table of another catalog. A table that cannot be loaded counts as restricted.
 *
 * @param tables duplicates are loaded once
 * @param options.timeoutMs after which the tables that are not loaded yet count as restricted
 * @returns whether one of these tables is restricted
 */
export async function findRestrictedTables(
  { catalogs }: Pick<LakeServices, 'catalogs'>,
  tables: readonly TableIdentifier[],
  { actor, signal, timeoutMs }: { actor: Actor; signal?: AbortSignal | undefined; timeoutMs?: number },
): Promise<(table: TableIdentifier) => boolean> {
  const deadline = timeoutMs === undefined ? [] : [clock.deadline(timeoutMs)]
  const bounded = AbortSignal.any([...(signal ? [signal] : []), ...deadline])
  const byKey = new Map(tables.map((table) => [keyOf(table), table]))
  const restricted = new Set<string>()
  await pMap(
    byKey,
    async ([key, table]) => {
      if (!(await isReadable(table))) restricted.add(key)
    },
    { concurrency: CONCURRENCY },
  )
  return (table) => restricted.has(keyOf(table))

  async function isReadable(table: TableIdentifier): Promise<boolean> {
    try {
      const catalog = await catalogs.open(table.catalog, actor)
      if (catalog.kind !== 'rest') return true
      const { requireReadable } = await catalog.loadTable(table, { signal: bounded })
      requireReadable?.()
      return true
    } catch (error) {
      signal?.throwIfAborted()
      if (!bounded.aborted && !(error instanceof AppError)) throw error
      return false
    }
  }
}

function keyOf({ catalog, namespace, table }: TableIdentifier): string {
  return JSON.stringify([catalog, ...namespace, table])
}
