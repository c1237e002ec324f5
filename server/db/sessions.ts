import 'server-only'
import type { Database } from './database'
import { change, preparedQuery } from './statement'

/** Sessions that are open. One that ended, by its time or by its owner, is no longer there. */
export type OpenSession = { sessionId: string; userId: string; expiresAtMs: number }

/** Of one person at a time; the oldest give way. */
const MOST_SESSIONS = 50

/** @param lifeMs how long the session lasts, whatever its owner does in it */
export async function openSession(
  database: Database,
  { sessionId, userId, lifeMs }: { sessionId: string; userId: string; lifeMs: number },
): Promise<void> {
  await database.commit([
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
              .limit(MOST_SESSIONS - 1),
          ),
      { guards: ['sign-in'] },
    ),
    change(
      ({ db, nowMs }) =>
        db.insertInto('sessions').values((eb) => ({
          id: sessionId,
          user_id: userId,
          created_at_ms: nowMs,
          expires_at_ms: eb(nowMs, '+', lifeMs),
        })),
      { expectedRows: 1 },
    ),
  ])
}

export async function findOpenSession(database: Database, sessionId: string): Promise<OpenSession | null> {
  const [row] = await database.read(openSessionById({ sessionId }))
  return row ? { sessionId, userId: row.user_id, expiresAtMs: row.expires_at_ms } : null
}

const openSessionById = preparedQuery(({ db, nowMs }, { sessionId }: { sessionId: string }) =>
  db
    .selectFrom('sessions')
    .select(['user_id', 'expires_at_ms'])
    .where('id', '=', sessionId)
    .where('expires_at_ms', '>', nowMs),
)

/** Nothing happens when it has ended already. */
export async function closeSession(database: Database, sessionId: string): Promise<void> {
  await database.commit([change(({ db }) => db.deleteFrom('sessions').where('id', '=', sessionId))])
}
