import 'server-only'
import type { Catalogs } from '@/server/catalog/catalogs'
import type { Actor } from '@/server/auth/actor'
import type { Services } from '@/server/services'
import { IDEMPOTENCY_RETENTION_HOURS } from '@/server/db/idempotency'
import { SEPARATE_FOLDERS } from '@/server/catalog/folders/separate-folders'
import { OPERATIONS } from './operations'
import { unknownCatalogError, type OperationResult } from './serve-operation'
import { storeConfig } from './table-config'

/**
 * The configuration that a client reads first: the prefix of every path, the address of the store unless the client has
 * one, the endpoints, and how long an idempotency key is stored.
 *
 * Spec: REST `open-api`, schema `CatalogConfig`. Without `endpoints`, clients would assume a default list of 14.
 *
 * @param warehouse the catalog's name or location, or null for the only catalog
 * @throws {AppError} not-found
 */
export async function readCatalogConfig(
  { catalogs, config }: Pick<Services, 'catalogs' | 'config'>,
  warehouse: string | null,
  actor: Actor,
): Promise<OperationResult> {
  const name = await findCatalogName(catalogs, warehouse, actor)
  return {
    json: {
      defaults: storeConfig(config),
      overrides: { prefix: encodeURIComponent(name), [SEPARATE_FOLDERS]: 'true' },
      endpoints: Object.values(OPERATIONS)
        .filter(({ id }) => id !== 'getConfig' && id !== 'getToken')
        .map(({ method, path }) => `${method} ${path}`),
      'idempotency-key-lifetime': `PT${IDEMPOTENCY_RETENTION_HOURS}H`,
    },
  }
}

/** Finds the catalog without opening any, so that a broken connection does not fail the request. */
async function findCatalogName(catalogs: Catalogs, warehouse: string | null, actor: Actor): Promise<string> {
  for (const { name, kind, warehouse: location } of await catalogs.listSummaries(actor)) {
    if (kind !== 'embedded') continue
    if (warehouse === null || warehouse === '' || warehouse === name) return name
    if (warehouse.replace(/\/+$/, '') === location) return name
  }
  throw unknownCatalogError(warehouse ?? '')
}
