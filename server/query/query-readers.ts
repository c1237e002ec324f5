import 'server-only'
import { AppError } from '@/lib/errors'
import { parseMetadataTable } from '@/lib/query/tables/metadata-table'
import { checkReadOnly } from '@/lib/query/statement/read-only'
import { isSymbol, type Token, tokenKeyword } from '@/lib/query/statement/tokenize'
import { requireClosed, splitStatements } from '@/lib/query/statement/statements'
import type { SqlRange } from '@/lib/query/statement/sql-error'
import { resolveTableName } from '@/lib/query/tables/table-name'
import { findTableReferences, type TableReference } from '@/lib/query/tables/table-references'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { readConnections } from '@/server/db/catalog/connections'
import type { SavedQuery } from '@/server/db/query/saved-queries'
import type { LakeServices } from '@/server/catalog/lake-services'

type ReadableQuery = Pick<SavedQuery, 'ownerId' | 'isShared' | 'sql'>

/**
 * Who sees a shared query: its owner (with a limited token only what the token may read), and the users who may read all tables that its text names. A name without a
 * connection can mean a table of any, so it has to be readable in each. A text that cannot be understood, that names what
 * nothing can be called, or that reads a file, is for users who may read everything.
 */
export async function createQueryFilter(
  { config, database }: Pick<LakeServices, 'config' | 'database'>,
  actor: Actor,
): Promise<(query: ReadableQuery) => boolean> {
  const readsAll = canReadEverything(actor)
  const connections = readsAll ? [] : (await readConnections(database)).map(({ name }) => name)
  const catalogs = [config.catalogName, ...connections]
  const canRead = (parts: readonly string[], range: SqlRange, connection: string) => {
    try {
      return isPermitted(actor, 'table:read', resolveTableName(parts, range, { connections: catalogs, connection }))
    } catch (error) {
      if (error instanceof AppError) return false
      throw error
    }
  }
  const canReadNamed = ({ parts, nameRange }: TableReference) => {
    if (parts.length < 2) return false
    const metadataTable = parseMetadataTable(parts)
    const names = metadataTable === null ? [parts] : [parts, metadataTable.table]
    return catalogs.every((connection) => names.some((name) => canRead(name, nameRange, connection)))
  }
  return ({ ownerId, isShared, sql }) => {
    const isOwn = ownerId === actor.userId
    // A token that is limited to a part of the lake shows none of its owner's texts about the rest.
    if (isOwn && actor.limit === undefined) return true
    if (!isOwn && !isShared) return false
    if (readsAll) return true
    return findReferences(sql)?.every((reference) => !reference.file && canReadNamed(reference)) ?? false
  }
}

/** Whether every shared query is shown to the actor. */
export function canReadEverything(actor: Actor): boolean {
  return isPermitted(actor, 'table:read', {})
}

/** What the references of a statement do not cover: names in the quotes of Spark, and `TABLE t` in place of a query. */
function isNotUnderstood(token: Token): boolean {
  return isSymbol(token, '`') || tokenKeyword(token) === 'TABLE'
}

/** Null for a text that is not SQL, has no statement, does more than read, or may name tables in another way. */
function findReferences(sql: string): TableReference[] | null {
  try {
    const statements = splitStatements(sql)
    const last = statements.at(-1)
    if (!last) return null
    requireClosed(sql, last)
    return statements.flatMap(({ tokens }) => {
      if (tokens.some(isNotUnderstood)) throw new AppError('query-failed', 'It may name tables in another way.')
      checkReadOnly(tokens)
      return findTableReferences(tokens, { timeZone: null, nowMs: Number.POSITIVE_INFINITY })
    })
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}
