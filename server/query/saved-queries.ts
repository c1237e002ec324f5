import 'server-only'
import { monotonicFactory } from 'ulid'
import type { ListedQuery, SavedQuery as SavedQueryOnWire } from '@/lib/contract/queries'
import { AppError } from '@/lib/errors'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { toAuditValue } from '@/server/catalog/audit-value'
import { type AuditState, auditChange } from '@/server/db/audit'
import type { Change, Database } from '@/server/db/database'
import {
  addSavedQuery,
  changeSavedQuery,
  findSavedQuery,
  listSavedQueries,
  type QueryForm,
  removeSavedQuery,
  type SavedQuery,
} from '@/server/db/query/saved-queries'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

const newQueryId: () => string = monotonicFactory()

/** A page of the queries that the actor may read, newest first. */
export async function listVisibleQueries(
  database: Database,
  actor: Actor,
  { contains, before, limit = DEFAULT_LIMIT }: { contains?: string; before?: string; limit?: number },
): Promise<{ queries: ListedQuery[]; nextBefore: string | null; matchCount: number; totalCount: number }> {
  const pageSize = Math.min(MAX_LIMIT, Math.max(1, limit))
  const found = await listSavedQueries(database, {
    userId: actor.userId,
    limit: pageSize + 1,
    ...(contains !== undefined && { contains }),
    ...(before !== undefined && { before }),
  })
  const page = found.queries.slice(0, pageSize)
  return {
    queries: page.map((saved) => ({ ...describeQuery(saved, actor), sqlStart: saved.sqlStart })),
    nextBefore: found.queries.length > pageSize ? (page.at(-1)?.queryId ?? null) : null,
    matchCount: found.matchCount,
    totalCount: found.totalCount,
  }
}

/** @throws {AppError} not-found, in the same words for a query of another user that is not shared and for none */
export async function readQuery(database: Database, actor: Actor, queryId: string): Promise<SavedQueryOnWire> {
  const saved = await findVisibleQuery(database, actor, queryId)
  return { ...describeQuery(saved, actor), sql: saved.sql, parameters: [...saved.parameters] }
}

/** @throws {AppError} invalid-request when the actor has as many queries as allowed */
export async function saveQuery(
  database: Database,
  actor: Actor,
  form: QueryForm,
  requestId: string | null = null,
): Promise<SavedQueryOnWire> {
  const queryId = newQueryId()
  const owner = { ownerId: actor.userId, ownerName: actor.username }
  const audit = sharedQueryAudit('share-query', null, { ...form, queryId }, { actor, requestId })
  await addSavedQuery(database, { ...form, queryId, ...owner }, audit)
  return readQuery(database, actor, queryId)
}

/** @throws {AppError} not-found; forbidden; version-conflict when the query has changed since */
export async function changeQuery(
  database: Database,
  actor: Actor,
  queryId: string,
  form: QueryForm & { version: number },
  requestId: string | null = null,
): Promise<SavedQueryOnWire> {
  const saved = await findVisibleQuery(database, actor, queryId)
  requireOwner(saved, actor)
  // Otherwise an admin would take the query away from its owner's sight and their own.
  if (saved.ownerId !== actor.userId && !form.isShared) {
    throw new AppError('forbidden', `Only ${saved.ownerName} can stop sharing this query. It was not changed.`)
  }
  const action = saved.isShared ? 'change-shared-query' : 'share-query'
  const audit = sharedQueryAudit(action, saved, { ...form, queryId }, { actor, requestId })
  await changeSavedQuery(database, queryId, { ...form, changedBy: actor.username }, audit)
  return readQuery(database, actor, queryId)
}

/** @throws {AppError} not-found; forbidden */
export async function removeQuery(
  database: Database,
  actor: Actor,
  queryId: string,
  requestId: string | null = null,
): Promise<void> {
  const saved = await findVisibleQuery(database, actor, queryId)
  requireOwner(saved, actor)
  await removeSavedQuery(database, queryId, sharedQueryAudit('remove-shared-query', saved, null, { actor, requestId }))
}

type AuditedQuery = Pick<SavedQuery, 'queryId' | 'name' | 'sql' | 'isShared'>

/** Queries that only their owner sees concern nobody else, and are no entries. */
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

async function findVisibleQuery(database: Database, actor: Actor, queryId: string): Promise<SavedQuery> {
  const saved = await findSavedQuery(database, queryId)
  if (!saved || !(saved.isShared || saved.ownerId === actor.userId)) {
    throw new AppError('not-found', 'There is no saved query with this id.')
  }
  return saved
}

function requireOwner(saved: Pick<SavedQuery, 'ownerId' | 'ownerName'>, actor: Actor): void {
  if (!mayChange(saved, actor)) {
    throw new AppError(
      'forbidden',
      `Only ${saved.ownerName} and admins can change or remove this query. It was not changed. Save a copy instead.`,
    )
  }
}

function mayChange({ ownerId }: Pick<SavedQuery, 'ownerId'>, actor: Actor): boolean {
  return ownerId === actor.userId || isPermitted(actor, 'console:admin', {})
}

function describeQuery(saved: Omit<SavedQuery, 'sql' | 'parameters'>, actor: Actor): Omit<ListedQuery, 'sqlStart'> {
  const { queryId, name, isShared, ownerName, createdAtMs, changedAtMs, changedBy, version } = saved
  return {
    queryId,
    name,
    isShared,
    owner: ownerName,
    isOwn: saved.ownerId === actor.userId,
    mayChange: mayChange(saved, actor),
    createdAtMs,
    changedAtMs,
    changedBy,
    version,
  }
}
