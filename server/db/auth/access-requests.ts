import 'server-only'
import { sql, type SqlBool } from 'kysely'
import { AppError } from '@/lib/errors'
import type { Resource, RoleGrant } from '@/lib/permissions'
import type { Change, Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { change, type Dialect, query } from '../statement'
import type { Tables } from '../tables'
import { commitOrThrow } from '../try-commit'
import { isWithinNameLimits, resourceColumns, toResource } from './resource-columns'

/** Requests of users for a role on a resource. They are removed with their user. */
export type AccessRequest = RoleGrant & {
  /** A ULID: later requests have greater ids. */
  accessRequestId: string
  userId: string
  username: string
  note: string
  createdAtMs: number
  state: Tables['access_requests']['state']
  decidedBy: string | null
  decidedAtMs: number | null
  comment: string | null
}

export const MAX_OPEN_REQUESTS = 20

/**
 * @throws {AppError} invalid-request when the user has as many open requests as allowed; already-exists for an open one
 *   for the same resource
 */
export async function insertAccessRequest(
  database: Database,
  {
    accessRequestId,
    userId,
    role,
    resource: on,
    note,
  }: RoleGrant & { accessRequestId: string; userId: string; note: string },
  alongside: readonly Change[],
): Promise<void> {
  const columns = resourceColumns(on)
  const insert = change(
    (dialect) => {
      const open = dialect.db
        .selectFrom('access_requests as open')
        .where('open.user_id', '=', userId)
        .where('open.state', '=', 'open')
      const same = open
        .select('open.id')
        .where('open.catalog', '=', columns.catalog)
        .where('open.namespace', '=', columns.namespace)
        .where('open.table_name', '=', columns.table_name)
      return insertIf(
        dialect,
        'access_requests',
        { id: accessRequestId, user_id: userId, role, ...columns, note, created_at_ms: dialect.nowMs, state: 'open' },
        isBelow(open.select(ROW_COUNT).where(isWithinNameLimits('open')), MAX_OPEN_REQUESTS),
        sql<SqlBool>`not exists ${same}`,
      )
    },
    { expectedRows: 1, guards: ['access'] },
  )
  await commitOrThrow(database, [insert, trimChange(userId), ...alongside], async () => {
    const own = await listAccessRequests(database, { userId }, 1000)
    const open = own.filter(({ state }) => state === 'open').length
    return open >= MAX_OPEN_REQUESTS
      ? new AppError('invalid-request', `You already have ${MAX_OPEN_REQUESTS} open requests. Withdraw one first.`)
      : new AppError('already-exists', 'You have already requested this, and the request is still open.')
  })
}

const MAX_SETTLED = 50

/** Keeps the newest settled requests of a user. */
function trimChange(userId: string): Change {
  return change(
    ({ db }) =>
      db
        .deleteFrom('access_requests')
        .where('user_id', '=', userId)
        .where('state', '<>', 'open')
        .where('id', 'not in', ({ selectFrom }) =>
          selectFrom('access_requests as newest')
            .select('newest.id')
            .where('newest.user_id', '=', userId)
            .where('newest.state', '<>', 'open')
            .orderBy('newest.id', 'desc')
            .limit(MAX_SETTLED),
        ),
    { guards: ['access'] },
  )
}

/** Requests of one user, or all open ones, newest first. */
export async function listAccessRequests(
  database: Database,
  filter: { userId: string } | { isOpen: true },
  limit: number,
): Promise<AccessRequest[]> {
  const rows = await database.read(
    query((dialect) => {
      const newest = selectRequests(dialect).orderBy('access_requests.id', 'desc').limit(limit)
      return 'userId' in filter
        ? newest.where('access_requests.user_id', '=', filter.userId)
        : newest.where('access_requests.state', '=', 'open')
    }),
  )
  return rows.map(toRequest)
}

export async function findAccessRequest(database: Database, accessRequestId: string): Promise<AccessRequest | null> {
  const [row] = await database.read(
    query((dialect) => selectRequests(dialect).where('access_requests.id', '=', accessRequestId)),
  )
  return row ? toRequest(row) : null
}

function selectRequests({ db }: Dialect) {
  return db
    .selectFrom('access_requests')
    .innerJoin('users', 'users.id', 'access_requests.user_id')
    .where(isWithinNameLimits('access_requests'))
    .selectAll('access_requests')
    .select('users.username')
}

/** Settles an open request; it changes one row, or none if another admin was first. */
export function settleRequestChange(
  accessRequestId: string,
  { state, by, comment }: { state: AccessRequest['state']; by: string; comment: string | null },
): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('access_requests')
        .set({ state, settled_by: by, settled_at_ms: nowMs, comment })
        .where('id', '=', accessRequestId)
        .where('state', '=', 'open'),
    { expectedRows: 1 },
  )
}

function toRequest(row: Tables['access_requests'] & { username: string }): AccessRequest {
  const on: Resource = toResource(row)
  return {
    accessRequestId: row.id,
    userId: row.user_id,
    username: row.username,
    role: row.role,
    resource: on,
    note: row.note,
    createdAtMs: row.created_at_ms,
    state: row.state,
    decidedBy: row.settled_by,
    decidedAtMs: row.settled_at_ms,
    comment: row.comment,
  }
}
