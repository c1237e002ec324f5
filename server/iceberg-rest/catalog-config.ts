import 'server-only'
import type { Catalogs } from '@/server/catalog/catalogs'
import type { Actor } from '@/server/auth/actor'
import { KEPT_HOURS } from '@/server/db/idempotency'
import { OPERATIONS } from './operations'
import { noCatalog, type RestAnswer } from './serve-operation'

/**
 * What a client is told first: the prefix of every path, what is served, and for how long a key is remembered.
 *
 * Spec: REST `open-api`, schema `CatalogConfig`. Without `endpoints`, clients would use 14 of them.
 *
 * @param warehouse the catalog's name, its location, or null for the only one there is
 * @throws {AppError} not-found
 */
export async function catalogConfig(catalogs: Catalogs, warehouse: string | null, actor: Actor): Promise<RestAnswer> {
  const name = await catalogOf(catalogs, warehouse, actor)
  return {
    json: {
      defaults: {},
      overrides: { prefix: encodeURIComponent(name) },
      endpoints: Object.values(OPERATIONS)
        .filter(({ id }) => id !== 'getConfig' && id !== 'getToken')
        .map(({ method, path }) => `${method} ${path}`),
      'idempotency-key-lifetime': `PT${KEPT_HOURS}H`,
    },
  }
}

/** By what is known of catalogs without opening them: a connection that cannot be opened is no reason to refuse. */
async function catalogOf(catalogs: Catalogs, warehouse: string | null, actor: Actor): Promise<string> {
  for (const { name, kind, warehouse: location } of await catalogs.signs(actor)) {
    if (kind !== 'embedded') continue
    if (warehouse === null || warehouse === '' || warehouse === name) return name
    if (warehouse.replace(/\/+$/, '') === location) return name
  }
  throw noCatalog(warehouse ?? '')
}
