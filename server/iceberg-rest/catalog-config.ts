import 'server-only'
import type { Catalogs } from '@/server/catalog/catalogs'
import type { Actor } from '@/server/auth/actor'
import { IDEMPOTENCY_RETENTION_HOURS } from '@/server/db/idempotency'
import { OPERATIONS } from './operations'
import { unknownCatalogError, type OperationResult } from './serve-operation'

/**
 * What a client is told first: the prefix of every path, what is served, and for how long a key is remembered.
 *
 * Spec: REST `open-api`, schema `CatalogConfig`. Without `endpoints`, clients would use 14 of them.
 *
 * @param warehouse the catalog's name, its location, or null for the only one there is
 * @throws {AppError} not-found
 */
export async function readCatalogConfig(
  catalogs: Catalogs,
  warehouse: string | null,
  actor: Actor,
): Promise<OperationResult> {
  const name = await findCatalogName(catalogs, warehouse, actor)
  return {
    json: {
      defaults: {},
      overrides: { prefix: encodeURIComponent(name) },
      endpoints: Object.values(OPERATIONS)
        .filter(({ id }) => id !== 'getConfig' && id !== 'getToken')
        .map(({ method, path }) => `${method} ${path}`),
      'idempotency-key-lifetime': `PT${IDEMPOTENCY_RETENTION_HOURS}H`,
    },
  }
}

/** By what is known of catalogs without opening them: a connection that cannot be opened is no reason to refuse. */
async function findCatalogName(catalogs: Catalogs, warehouse: string | null, actor: Actor): Promise<string> {
  for (const { name, kind, warehouse: location } of await catalogs.listSummaries(actor)) {
    if (kind !== 'embedded') continue
    if (warehouse === null || warehouse === '' || warehouse === name) return name
    if (warehouse.replace(/\/+$/, '') === location) return name
  }
  throw unknownCatalogError(warehouse ?? '')
}
