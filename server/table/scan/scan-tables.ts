import 'server-only'
import { LRUCache } from 'lru-cache'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'

/** How long the table of a scan is not loaded again from another server. */
const LIFETIME_MS = 60_000
const MAX_TABLES = 100

/**
 * The tables of scans whose files are being read. A page of rows takes many requests, and loading a table from a REST
 * catalog takes a request to another server, so such a table is cached for a minute. Tables of other catalogs are
 * loaded each time.
 */
export class ScanTables {
  readonly #tables = new LRUCache<string, LoadedTable>({ max: MAX_TABLES, ttl: LIFETIME_MS })

  /** @param token of the plan, which is of one user and one table */
  async load(
    catalog: Pick<CatalogClient, 'kind' | 'loadTable'>,
    identifier: TableIdentifier,
    { token, signal }: { token: string; signal: AbortSignal },
  ): Promise<LoadedTable> {
    if (catalog.kind !== 'rest') return catalog.loadTable(identifier, { signal })
    const cached = this.#tables.get(token)
    if (cached) return cached
    const table = await catalog.loadTable(identifier, { signal })
    this.#tables.set(token, table)
    return table
  }
}
