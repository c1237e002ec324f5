import 'server-only'
import type { Change, Database } from '../database'
import { change, preparedQuery } from '../statement'
import { tryCommit } from '../try-commit'

/** Open sessions. A session that expired or was closed is removed. */
export type OpenSession = { sessionId: string; userId: string; expiresAtMs: number; isByPassword: boolean }

/** Per user; the oldest sessions are removed. */
const MAX_SESSIONS = 50

/**
 * @param alongside rows to write with the session
 * @param lifeMs how long the session lasts, regardless of activity
 * @param isByPassword whether the user signed in with a password, which has to be changed first if it was generated
 * @returns false when the user has been disabled or removed, or is a service account: then no session was opened
 */
export async function openSession(
  database: Database,
  session: { sessionId: string; userId: string; lifeMs: number; isByPassword?: boolean },
  alongside: readonly Change[] = [],
): Promise<boolean> {
  return await tryCommit(database, [...openSessionChanges(session), ...alongside])
}

function openSessionChanges({
  sessionId,
  userId,
  lifeMs,
  isByPassword = false,
}: Parameters<typeof openSession>[1]): Change[] {
  return [
    change(({ db, nowMs }) => db.deleteFrom('sessions').where('expires_at_ms', '<=', nowMs)),
    change(
      ({ db }) =>
        db
          .deleteFrom('sessions')
          .where('user_id', '=', userId)
          .where('id', 'not in', ({ selectFrom }) =>
            selectFrom('sessions as newest')
              .select('newest.id')
              .where('newest.user_id', '=', userId)
              .orderBy('newest.created_at_ms', 'desc')
              .limit(MAX_SESSIONS - 1),
          ),
      { guards: ['sign-in'] },
    ),
    change(
      ({ db, nowMs }) =>
        db
          .insertInto('sessions')
          .columns(['id', 'user_id', 'created_at_ms', 'expires_at_ms', 'is_by_password'])
          .expression(
            db
              .selectFrom('users')
              .select((eb) => [
                eb.val(sessionId).as('id'),
                'users.id as user_id',
                nowMs.as('created_at_ms'),
                eb(nowMs, '+', lifeMs).as('expires_at_ms'),
                eb.val(isByPassword ? 1 : 0).as('is_by_password'),
              ])
              .where('users.id', '=', userId)
              .where('users.disabled_at_ms', 'is', null)
              .where('users.is_service', '=', 0),
          ),
      { expectedRows: 1 },
    ),
    change(({ db, nowMs }) => db.updateTable('users').set({ last_sign_in_at_ms: nowMs }).where('id', '=', userId)),
  ]
}

export async function findOpenSession(database: Database, sessionId: string): Promise<OpenSession | null> {
  const [row] = await database.read(openSessionById({ sessionId }))
  if (!row) return null
  return { sessionId, userId: row.user_id, expiresAtMs: row.expires_at_ms, isByPassword: row.is_by_password === 1 }
}

const openSessionById = preparedQuery(({ db, nowMs }, { sessionId }: { sessionId: string }) =>
  db
    .selectFrom('sessions')
    .select(['user_id', 'expires_at_ms', 'is_by_password'])
    .where('id', '=', sessionId)
    .where('expires_at_ms', '>', nowMs),
)

/**
 * Does nothing when the session has already ended.
 *
 * @param alongside rows to write with it, also then
 */
export async function closeSession(
  database: Database,
  sessionId: string,
  alongside: readonly Change[] = [],
): Promise<void> {
  await database.commit([change(({ db }) => db.deleteFrom('sessions').where('id', '=', sessionId)), ...alongside])
}
