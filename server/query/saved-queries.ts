import 'server-only'
import { monotonicFactory } from 'ulid'
import type { ListedQuery, SavedQuery as SavedQueryOnWire } from '@/lib/contract/queries'
import { AppError } from '@/lib/errors'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { toAuditValue } from '@/server/catalog/audit-value'
import { type AuditState, auditChange } from '@/server/db/audit'
import { removeQueryShortcutsChange } from '@/server/db/catalog/shortcuts'
import type { Change } from '@/server/db/database'
import {
  addSavedQuery,
  changeSavedQuery,
  findSavedQuery,
  LISTED_SQL_CHARS,
  listSavedQueries,
  type QueryFacts,
  type QueryForm,
  type QueryVersion,
  readQueryStarts,
  readQueryTexts,
  readQueryVersions,
  removeSavedQuery,
  type SavedQuery,
  type SavedQueryStart,
} from '@/server/db/query/saved-queries'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { NamedTablesCache } from './named-tables'
import { canReadEverything, createQueryFilter, type QueryFilter } from './query-readers'

export type QueryServices = Pick<LakeServices, 'config' | 'database'> & { namedTables: NamedTablesCache }

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

const newQueryId: () => string = monotonicFactory()

/** The most queries to examine for a user who may not read everything. */
const MAX_EXAMINED = 10_000
const EXAMINED_PER_PAGE = 200
/** Texts are long. */
const TEXTS_PER_READ = 20

/** A page of the queries that the actor may read, newest first. Only these are counted. */
export async function listVisibleQueries(
  services: QueryServices,
  actor: Actor,
  { contains, before, limit = DEFAULT_LIMIT }: { contains?: string; before?: string; limit?: number },
): Promise<{ queries: ListedQuery[]; nextBefore: string | null; matchCount: number; totalCount: number }> {
  const pageSize = Math.min(MAX_LIMIT, Math.max(1, limit))
  const found = await findPage(services, actor, {
    limit: pageSize + 1,
    ...(contains !== undefined && { contains }),
    ...(before !== undefined && { before }),
  })
  const page = found.queries.slice(0, pageSize)
  return {
    queries: page.map((saved) => ({ ...describeQuery(saved, actor), sqlPreview: saved.sqlPreview })),
    nextBefore: found.queries.length > pageSize ? (page.at(-1)?.queryId ?? null) : null,
    matchCount: found.matchCount,
    totalCount: found.totalCount,
  }
}

type PageFilter = { contains?: string; before?: string; limit: number }

async function findPage(services: QueryServices, actor: Actor, { contains, before, limit }: PageFilter) {
  const { userId } = actor
  const matching = contains === undefined ? {} : { contains }
  if (canReadEverything(actor)) {
    const older = before === undefined ? {} : { before }
    return listSavedQueries(services.database, { userId, limit, ...matching, ...older })
  }
  const matches = await listReadable(services, actor, matching)
  const all = contains === undefined ? matches : await listReadable(services, actor, {})
  const older = matches.filter(({ queryId }) => before === undefined || queryId < before)
  return { queries: older.slice(0, limit), matchCount: matches.length, totalCount: all.length }
}

/** All queries that the actor may read, newest first, decided by the tables that the texts name. */
async function listReadable(
  services: QueryServices,
  actor: Actor,
  matching: { contains?: string },
): Promise<SavedQueryStart[]> {
  const filter = await createQueryFilter(services, actor)
  const visible: SavedQueryStart[] = []
  let before: string | undefined
  for (let examined = 0; examined < MAX_EXAMINED; examined += EXAMINED_PER_PAGE) {
    const page = await readQueryStarts(services.database, {
      userId: actor.userId,
      limit: EXAMINED_PER_PAGE,
      ...matching,
      ...(before !== undefined && { before }),
    })
    for (let start = 0; start < page.length; start += TEXTS_PER_READ)
      visible.push(...(await keepReadable(services, filter, page.slice(start, start + TEXTS_PER_READ))))
    before = page.at(-1)?.queryId
    if (page.length < EXAMINED_PER_PAGE) break
  }
  return visible
}

/** The readable ones of the queries. Reads the texts whose tables are unknown, in turns. */
async function keepReadable(
  { database, namedTables }: QueryServices,
  { isVisible, isReadable }: QueryFilter,
  queries: readonly SavedQueryStart[],
): Promise<SavedQueryStart[]> {
  const known = new Map(queries.map((query) => [query.queryId, namedTables.find(query)]))
  const unread = queries.filter((query) => isVisible(query) === null && known.get(query.queryId) === undefined)
  const texts = new Map((await readQueryTexts(database, unread)).map((query) => [query.queryId, query]))
  const readable: SavedQueryStart[] = []
  for (const listed of queries) {
    const turn = namedTables.takeTurns()
    if (turn !== null) await turn
    const names = known.get(listed.queryId)
    const decided = isVisible(listed) ?? (names === undefined ? null : isReadable(names, listed.connection))
    if (decided !== null) {
      if (decided) readable.push(listed)
      continue
    }
    // It may have been changed or removed since the page was read, so it is judged and shown as its text is now.
    const query = texts.get(listed.queryId)
    if (!query || !(isVisible(query) ?? isReadable(namedTables.read(query), query.connection))) continue
    const { sql, ...facts } = query
    readable.push({ ...facts, sqlPreview: sql.slice(0, LISTED_SQL_CHARS) })
  }
  return readable
}

/** @throws {AppError} not-found, in the same words for a query that the actor may not see and for a missing one */
export async function readQuery(services: QueryServices, actor: Actor, queryId: string): Promise<SavedQueryOnWire> {
  const saved = await findVisibleQuery(services, actor, queryId)
  const { sql, connection, parameters, display } = saved
  return { ...describeQuery(saved, actor), sql, connection, parameters: [...parameters], display }
}

/** The names of those queries that the actor may read, by their ids. */
export async function readNamesOfQueries(
  services: QueryServices,
  actor: Actor,
  queryIds: readonly string[],
): Promise<Map<string, string>> {
  if (queryIds.length === 0) return new Map()
  const filter = await createQueryFilter(services, actor)
  const names = new Map<string, string>()
  for (let start = 0; start < queryIds.length; start += TEXTS_PER_READ) {
    const ids = queryIds.slice(start, start + TEXTS_PER_READ).map((queryId) => ({ queryId }))
    for (const query of await readQueryTexts(services.database, ids)) {
      if (filter.isVisible(query) ?? filter.isReadable(services.namedTables.read(query), query.connection))
        names.set(query.queryId, query.name)
    }
  }
  return names
}

/**
 * The versions of a query that the actor may see, newest first: by the rule of queries, applied to the text of each
 * version and to whether it was shared.
 *
 * @throws {AppError} not-found as {@link readQuery}
 */
export async function listVisibleVersions(services: QueryServices, actor: Actor, queryId: string) {
  const versions = await readVisibleVersions(services, actor, queryId)
  return versions.map(({ version, name, savedAtMs, savedBy }) => ({ version, name, savedAtMs, savedBy }))
}

/** @throws {AppError} not-found, also for a version that the actor may not see */
export async function readQueryVersion(services: QueryServices, actor: Actor, queryId: string, version: number) {
  const found = (await readVisibleVersions(services, actor, queryId)).find((each) => each.version === version)
  if (found === undefined)
    throw new AppError('not-found', 'The query has no stored version of this number.', {
      facts: { hint: 'It may have made room for newer ones. Choose one of the listed versions.' },
    })
  const { isShared: _, parameters, ...stored } = found
  return { ...stored, parameters: [...parameters] }
}

async function readVisibleVersions(services: QueryServices, actor: Actor, queryId: string): Promise<QueryVersion[]> {
  const { ownerId } = await findVisibleQuery(services, actor, queryId)
  const filter = await createQueryFilter(services, actor)
  const versions = await readQueryVersions(services.database, queryId)
  return versions.filter(
    ({ version, sql, connection, isShared }) =>
      filter.isVisible({ ownerId, isShared }) ??
      filter.isReadable(services.namedTables.read({ queryId, version, sql }), connection),
  )
}

/**
 * Saves a query. Its names without a connection mean the embedded catalog, unless the form says another one.
 *
 * @throws {AppError} invalid-request when the actor has as many queries as allowed
 */
export async function saveQuery(
  services: QueryServices,
  actor: Actor,
  form: QueryForm,
  requestId: string | null = null,
): Promise<SavedQueryOnWire> {
  const queryId = newQueryId()
  const owner = { ownerId: actor.userId, ownerName: actor.username }
  const audit = sharedQueryAudit('share-query', null, { ...form, queryId }, { actor, requestId })
  const connection = form.connection ?? services.config.catalogName
  await addSavedQuery(services.database, { ...form, connection, queryId, ...owner }, audit)
  return readQuery(services, actor, queryId)
}

/** @throws {AppError} not-found; forbidden; version-conflict when the query has changed since */
export async function changeQuery(
  services: QueryServices,
  actor: Actor,
  queryId: string,
  form: QueryForm & { version: number },
  requestId: string | null = null,
): Promise<SavedQueryOnWire> {
  const saved = await findVisibleQuery(services, actor, queryId)
  requireOwner(saved, actor)
  // Otherwise an admin would take the query away from its owner's sight and their own.
  if (saved.ownerId !== actor.userId && !form.isShared) {
    throw new AppError('forbidden', `Only ${saved.ownerName} can stop sharing this query. It was not changed.`)
  }
  const action = saved.isShared ? 'change-shared-query' : 'share-query'
  const audit = sharedQueryAudit(action, saved, { ...form, queryId }, { actor, requestId })
  await changeSavedQuery(services.database, queryId, { ...form, changedBy: actor.username }, audit)
  return readQuery(services, actor, queryId)
}

/** @throws {AppError} not-found; forbidden */
export async function removeQuery(
  services: QueryServices,
  actor: Actor,
  queryId: string,
  requestId: string | null = null,
): Promise<void> {
  const saved = await findVisibleQuery(services, actor, queryId)
  requireOwner(saved, actor)
  await removeSavedQuery(services.database, queryId, [
    removeQueryShortcutsChange(queryId),
    ...sharedQueryAudit('remove-shared-query', saved, null, { actor, requestId }),
  ])
}

type AuditedQuery = Pick<SavedQuery, 'queryId' | 'name' | 'sql' | 'isShared'>

/** Queries that only their owner sees concern no other user, so they are not audited. */
function sharedQueryAudit(
  action: 'share-query' | 'change-shared-query' | 'remove-shared-query',
  before: AuditedQuery | null,
  after: AuditedQuery | null,
  { actor, requestId }: { actor: Actor; requestId: string | null },
): Change[] {
  const toState = (saved: AuditedQuery | null): AuditState | null =>
    saved && {
      query: {
        queryId: saved.queryId,
        name: saved.name,
        sql: saved.isShared ? toAuditValue(saved.sql) : null,
        isShared: saved.isShared,
      },
    }
  if (before?.isShared !== true && after?.isShared !== true) return []
  const entry = { actor, via: actor.via ?? null, action, before: toState(before), after: toState(after), requestId }
  return [auditChange(entry)]
}

async function findVisibleQuery(services: QueryServices, actor: Actor, queryId: string): Promise<SavedQuery> {
  const saved = await findSavedQuery(services.database, queryId)
  const filter = saved && (await createQueryFilter(services, actor))
  if (!saved || !(filter?.isVisible(saved) ?? filter?.isReadable(services.namedTables.read(saved), saved.connection))) {
    throw new AppError('not-found', 'There is no such query, or you may not read what it names.', {
      facts: {
        hint: 'Ask the user who shared it which tables it reads, and an admin for a role on them.',
      },
    })
  }
  return saved
}

function requireOwner(saved: Pick<SavedQuery, 'ownerId' | 'ownerName'>, actor: Actor): void {
  if (!canChange(saved, actor)) {
    throw new AppError(
      'forbidden',
      `Only ${saved.ownerName} and admins can change or remove this query. It was not changed. Save a copy instead.`,
    )
  }
}

function canChange({ ownerId }: Pick<SavedQuery, 'ownerId'>, actor: Actor): boolean {
  return ownerId === actor.userId || isPermitted(actor, 'console:admin', {})
}

function describeQuery(saved: QueryFacts, actor: Actor): Omit<ListedQuery, 'sqlPreview'> {
  const { queryId, name, folder, isShared, ownerName, createdAtMs, changedAtMs, changedBy, version } = saved
  return {
    queryId,
    name,
    folder,
    isShared,
    owner: ownerName,
    isOwn: saved.ownerId === actor.userId,
    canChange: canChange(saved, actor),
    createdAtMs,
    changedAtMs,
    changedBy,
    version,
  }
}
