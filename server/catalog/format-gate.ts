import 'server-only'
import type { CatalogAbility } from '@/lib/contract/catalogs'
import { isSupportedFormat, requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import { gatedStore } from '@/server/storage/guarded-store'
import type { LoadedTable } from './port/loaded-table'

/**
 * A table as all catalogs return it: with its metadata, and without its files if Lakeshore cannot read their format yet.
 * As for a table with restricted reads, its store refuses to read, list and write, and `requireReadable` throws.
 */
export function gateFormat(table: LoadedTable): LoadedTable {
  const { metadata, store } = table
  if (isSupportedFormat(metadata)) return table
  const refuse = () => requireSupportedFormat(metadata)
  return { ...table, store: gatedStore(store, refuse), requireReadable: refuse }
}

/** They write the table's metadata, or remove its files. Renames and drops only change the catalog. */
const NEED_SUPPORTED_FORMAT: ReadonlySet<CatalogAbility> = new Set(['commit-table', 'commit-tables', 'purge-table'])

/** The abilities that the catalog of a table has for it. */
export function abilitiesOn({ metadata }: LoadedTable, abilities: ReadonlySet<CatalogAbility>): CatalogAbility[] {
  const isSupported = isSupportedFormat(metadata)
  return [...abilities].filter((ability) => isSupported || !NEED_SUPPORTED_FORMAT.has(ability))
}
