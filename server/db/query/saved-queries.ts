import 'server-only'
import { type ExpressionBuilder, sql } from 'kysely'
import type { SavedQuery as SavedQueryOnWire } from '@/lib/contract/queries'
import { AppError } from '@/lib/errors'
import type { ResultDisplay } from '@/lib/query/result-display'
import type { Change, Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { lowerAscii } from '../lower-ascii'
import { change, type Dialect, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { commitOrThrow } from '../try-commit'

type QueryParameter = SavedQueryOnWire['parameters'][number]

/** SQL that a user saved under a name, for themselves or for the team. */
export type SavedQuery = {
  /** A ULID: later queries have greater ids. */
  queryId: string
  ownerId: string
  /** Their name when they saved it: shared queries stay when their owner is removed. */
  ownerName: string
  name: string
  sql: string
  /** The default values of the parameters that the text names. */
  parameters: readonly QueryParameter[]
  /** How the result is shown; null: as a grid. */
  display: ResultDisplay | null
  /** Null: in no folder. */
  folder: string | null
  /** The connection of names without one; null if the query was saved before it was stored. */
  connection: string | null
  isShared: boolean
  createdAtMs: number
  changedAtMs: number
  changedBy: string
  version: number
}

/** A query without its whole text. */
export type SavedQueryStart = QueryFacts & { sqlPreview: string }

/** A query without its contents. */
export type QueryFacts = Omit<SavedQuery, 'sql' | 'parameters' | 'display'>

/** A query as it was saved once. */
export type QueryVersion = Pick<
  SavedQuery,
  'version' | 'name' | 'sql' | 'parameters' | 'display' | 'connection' | 'isShared'
> & {
  savedAtMs: number
  savedBy: string
}

/** Without parameters, a folder, a display or a connection, a new query has none, and a changed one keeps its own. */
export type QueryForm = Pick<SavedQuery, 'name' | 'sql' | 'isShared'> & {
  parameters?: SavedQuery['parameters'] | undefined
  display?: ResultDisplay | null | undefined
  folder?: string | null | undefined
  connection?: string | undefined
}

/** Per owner. */
export const MAX_SAVED_QUERIES = 500
export const LISTED_SQL_CHARS = 300
/** Per query; the oldest are removed. */
export const MAX_VERSIONS = 20

/** Null when the query does not exist. */
export async function findSavedQuery(database: Database, queryId: string): Promise<SavedQuery | null> {
  const [row] = await database.read(queryById({ queryId }))
  return row ? { ...toQueryFacts(row), ...toContents(row) } : null
}

const queryById = preparedQuery(({ db }, { queryId }: { queryId: string }) =>
  db.selectFrom('saved_queries').selectAll().where('id', '=', queryId),
)

type Listed = { userId: string; contains?: string; before?: string; limit: number }

/**
 * Queries of a user and shared ones, newest first, with their number.
 *
 * @param contains part of the name or of the text; ASCII letters match in either case
 * @param before the id of a query: only older ones
 */
export async function listSavedQueries(
  database: Database,
  listed: Listed,
): Promise<{ queries: SavedQueryStart[]; matchCount: number; totalCount: number }> {
  const count = (contains: string | undefined) =>
    database.read(
      query((dialect) =>
        selectMatching(dialect, listed.userId, contains).select(({ fn }) => fn.countAll<number>().as('count')),
      ),
    )
  const [queries, [matches], [all]] = await Promise.all([
    readQueryStarts(database, listed),
    count(listed.contains),
    count(undefined),
  ])
  return { queries, matchCount: matches?.count ?? 0, totalCount: all?.count ?? 0 }
}

/** The queries of {@link listSavedQueries}, which are not counted. */
export async function readQueryStarts(
  database: Database,
  { userId, contains, before, limit }: Listed,
): Promise<SavedQueryStart[]> {
  const rows = await database.read(
    query((dialect) => {
      const newest = selectMatching(dialect, userId, contains)
        .select([
          'id',
          'owner_id',
          'owner_name',
          'name',
          'folder',
          'connection',
          'is_shared',
          'created_at_ms',
          'changed_at_ms',
          'changed_by',
          'version',
          sql<string>`substr(sql, 1, ${LISTED_SQL_CHARS})`.as('sql'),
        ])
        .orderBy('id', 'desc')
        .limit(limit)
      return before === undefined ? newest : newest.where('id', '<', before)
    }),
  )
  return rows.map((row) => ({ ...toQueryFacts(row), sqlPreview: row.sql }))
}

/** The given queries that still exist, with their current texts. */
export async function readQueryTexts(
  database: Database,
  queries: readonly Pick<SavedQuery, 'queryId'>[],
): Promise<(QueryFacts & Pick<SavedQuery, 'sql'>)[]> {
  if (queries.length === 0) return []
  const ids = queries.map(({ queryId }) => queryId)
  const rows = await database.read(query(({ db }) => db.selectFrom('saved_queries').selectAll().where('id', 'in', ids)))
  return rows.map((row) => ({ ...toQueryFacts(row), sql: row.sql }))
}

function selectMatching({ db, position }: Dialect, userId: string, contains: string | undefined) {
  const visible = db
    .selectFrom('saved_queries')
    .where((eb) => eb.or([eb('owner_id', '=', userId), eb('is_shared', '=', 1)]))
  if (contains === undefined) return visible
  // Both databases lower-case only ASCII letters: PostgreSQL because the columns compare by bytes.
  const part = lowerAscii(contains)
  const has = (eb: ExpressionBuilder<Tables, 'saved_queries'>, column: 'name' | 'sql') =>
    eb(position(eb.fn<string>('lower', [column]), eb.val(part)), '>', 0)
  return visible.where((eb) => eb.or([has(eb, 'name'), has(eb, 'sql')]))
}

/** @throws {AppError} invalid-request when the owner already has the greatest number of queries */
export async function addSavedQuery(
  database: Database,
  added: QueryForm & Pick<SavedQuery, 'queryId' | 'ownerId' | 'ownerName'>,
  alongside: readonly Change[] = [],
): Promise<void> {
  const insert = change(
    (dialect) => {
      const own = dialect.db
        .selectFrom('saved_queries as own')
        .select(ROW_COUNT)
        .where('own.owner_id', '=', added.ownerId)
      const row = {
        id: added.queryId,
        owner_id: added.ownerId,
        owner_name: added.ownerName,
        name: added.name,
        sql: added.sql,
        is_shared: added.isShared ? 1 : 0,
        created_at_ms: dialect.nowMs,
        changed_at_ms: dialect.nowMs,
        changed_by: added.ownerName,
        version: 1,
        parameters: JSON.stringify(added.parameters ?? []),
        folder: added.folder ?? null,
        display: toDisplayText(added.display),
        connection: added.connection ?? null,
      }
      return insertIf(dialect, 'saved_queries', row, isBelow(own, MAX_SAVED_QUERIES))
    },
    { expectedRows: 1, guards: ['saved-queries'] },
  )
  await commitOrThrow(
    database,
    [insert, storeVersionChange(added.queryId), ...alongside],
    () =>
      new AppError(
        'invalid-request',
        `A user has at most ${MAX_SAVED_QUERIES} saved queries. Remove some of them first.`,
      ),
  )
}

/** @throws {AppError} version-conflict if the query has another version, or was removed */
export async function changeSavedQuery(
  database: Database,
  queryId: string,
  form: QueryForm & Pick<SavedQuery, 'version' | 'changedBy'>,
  alongside: readonly Change[] = [],
): Promise<void> {
  const { name, sql: text, parameters, display, folder, connection, isShared, version, changedBy } = form
  const update = change(
    ({ db, nowMs }) =>
      db
        .updateTable('saved_queries')
        .set({
          name,
          sql: text,
          is_shared: isShared ? 1 : 0,
          changed_at_ms: nowMs,
          changed_by: changedBy,
          version: version + 1,
          ...(parameters !== undefined && { parameters: JSON.stringify(parameters) }),
          ...(folder !== undefined && { folder }),
          ...(display !== undefined && { display: toDisplayText(display) }),
          ...(connection !== undefined && { connection }),
        })
        .where('id', '=', queryId)
        .where('version', '=', version),
    { expectedRows: 1 },
  )
  await commitOrThrow(
    database,
    [update, storeVersionChange(queryId), removeOldVersionsChange(queryId, version + 1), ...alongside],
    () =>
      new AppError(
        'version-conflict',
        'The query was changed or removed since you opened it, by another user or in another tab. Your text was not saved.',
      ),
  )
}

/** Removes a query, unless it was already removed. */
export async function removeSavedQuery(
  database: Database,
  queryId: string,
  alongside: readonly Change[] = [],
): Promise<void> {
  await database.commit([change(({ db }) => db.deleteFrom('saved_queries').where('id', '=', queryId)), ...alongside])
}

/** Removes queries that only this user could read. Shared queries stay. */
export function removePrivateQueriesChange(userId: string): Change {
  return change(({ db }) => db.deleteFrom('saved_queries').where('owner_id', '=', userId).where('is_shared', '=', 0))
}

/** The versions of a query, the newest first. */
export async function readQueryVersions(database: Database, queryId: string): Promise<QueryVersion[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('saved_query_versions')
        .selectAll()
        .where('query_id', '=', queryId)
        .orderBy('version', 'desc')
        .limit(MAX_VERSIONS),
    ),
  )
  return rows.map((row) => ({
    ...toContents(row),
    version: row.version,
    name: row.name,
    connection: row.connection,
    isShared: row.is_shared === 1,
    savedAtMs: row.saved_at_ms,
    savedBy: row.saved_by,
  }))
}

/** Stores a query as it is now, in the transaction that adds or changes it. */
function storeVersionChange(queryId: string): Change {
  return change(({ db }) =>
    db
      .insertInto('saved_query_versions')
      .columns([
        'query_id',
        'version',
        'name',
        'sql',
        'parameters',
        'display',
        'connection',
        'is_shared',
        'saved_at_ms',
        'saved_by',
      ])
      .expression(
        db
          .selectFrom('saved_queries')
          .select([
            'id',
            'version',
            'name',
            'sql',
            'parameters',
            'display',
            'connection',
            'is_shared',
            'changed_at_ms',
            'changed_by',
          ])
          .where('id', '=', queryId),
      ),
  )
}

function removeOldVersionsChange(queryId: string, version: number): Change {
  return change(({ db }) =>
    db
      .deleteFrom('saved_query_versions')
      .where('query_id', '=', queryId)
      .where('version', '<=', version - MAX_VERSIONS),
  )
}

function toDisplayText(display: ResultDisplay | null | undefined): string | null {
  return display === null || display === undefined ? null : JSON.stringify(display)
}

function toContents(
  row: Pick<Tables['saved_queries'], 'sql' | 'parameters' | 'display'>,
): Pick<SavedQuery, 'sql' | 'parameters' | 'display'> {
  return {
    sql: row.sql,
    parameters: JSON.parse(row.parameters) as QueryParameter[],
    display: row.display === null ? null : (JSON.parse(row.display) as ResultDisplay),
  }
}

function toQueryFacts(row: Omit<Tables['saved_queries'], 'sql' | 'parameters' | 'display'>): QueryFacts {
  return {
    queryId: row.id,
    ownerId: row.owner_id,
    ownerName: row.owner_name,
    name: row.name,
    folder: row.folder,
    connection: row.connection,
    isShared: row.is_shared === 1,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    changedBy: row.changed_by,
    version: row.version,
  }
}
