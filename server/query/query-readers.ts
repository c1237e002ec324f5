import 'server-only'
import { AppError } from '@/lib/errors'
import { parseMetadataTable } from '@/lib/query/tables/metadata-table'
import { resolveTableName } from '@/lib/query/tables/table-name'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { readConnections } from '@/server/db/catalog/connections'
import type { SavedQuery } from '@/server/db/query/saved-queries'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { NamedTables } from './named-tables'

export type QueryFilter = {
  /** Null: the tables that its text names decide. */
  isVisible(query: Pick<SavedQuery, 'ownerId' | 'isShared'>): boolean | null
  /** @param connection of the names without one; null if the query does not say */
  isReadable(names: NamedTables, connection: string | null): boolean
}

/**
 * Decides who sees a shared query: its owner (with a limited token only what the token may read), and the users who may
 * read all tables that its text names. Where the query was saved before its connection was stored, a name without one can mean
 * a table of any connection, so it has to be readable in each. A text with a name that nothing can have is for users who may read everything.
 */
export async function createQueryFilter(
  { config, database }: Pick<LakeServices, 'config' | 'database'>,
  actor: Actor,
): Promise<QueryFilter> {
  const readsAll = canReadEverything(actor)
  const connections = readsAll ? [] : (await readConnections(database)).map(({ name }) => name)
  const catalogs = [config.catalogName, ...connections]
  const canRead = (parts: readonly string[], connection: string) => {
    try {
      return isPermitted(actor, 'table:read', resolveTableName(parts, NO_RANGE, { connections: catalogs, connection }))
    } catch (error) {
      if (error instanceof AppError) return false
      throw error
    }
  }
  const canReadNamed = (parts: readonly string[], candidates: readonly string[]) => {
    const metadataTable = parseMetadataTable(parts)
    const names = metadataTable === null ? [parts] : [parts, metadataTable.table]
    return candidates.every((connection) => names.some((name) => canRead(name, connection)))
  }
  return {
    isVisible({ ownerId, isShared }) {
      const isOwn = ownerId === actor.userId
      // A token limited to a part of the lake does not show its owner's texts about the rest.
      if (isOwn && actor.limit === undefined) return true
      if (!isOwn && !isShared) return false
      return readsAll ? true : null
    },
    isReadable: (names, connection) =>
      names?.every((parts) => canReadNamed(parts, connection === null ? catalogs : [connection])) ?? false,
  }
}

/** The position of a name in the text is not shown. */
const NO_RANGE = { start: 0, end: 0 }

/** Whether every shared query is shown to the actor. */
export function canReadEverything(actor: Actor): boolean {
  return isPermitted(actor, 'table:read', {})
}
