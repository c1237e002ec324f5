import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Services } from '@/server/services'
import { readHistory } from '@/server/table/history/read-history'

/** A page of the history of a table, as a user reads it. */
export async function readHistoryAs(
  services: Pick<Services, 'catalogs' | 'database' | 'keys'>,
  table: LoadedTable,
  actor: Actor,
  before: string | null = null,
): ReturnType<typeof readHistory> {
  const catalog = await services.catalogs.open(table.identifier.catalog, actor)
  return readHistory(services, table, before, { actor, catalog, signal: new AbortController().signal })
}
