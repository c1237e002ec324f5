import 'server-only'
import { openDatabase } from './open-database'

/** Sessions that are open. One that ended, by its time or by its owner, is no longer there. */
export type OpenSession = { sessionId: string; userId: string; expiresAtMs: number }

/** Of one person at a time; the oldest give way. */
const MOST_SESSIONS = 50

export async function openSession(session: OpenSession, nowMs: number): Promise<void> {
  await openDatabase().transact([
    { sql: 'DELETE FROM sessions WHERE expires_at_ms <= ?', params: [nowMs] },
    {
      sql: `DELETE FROM sessions WHERE id IN
        (SELECT id FROM sessions WHERE user_id = ? ORDER BY created_at_ms DESC LIMIT -1 OFFSET ?)`,
      params: [session.userId, MOST_SESSIONS - 1],
    },
    {
      sql: 'INSERT INTO sessions (id, user_id, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?)',
      params: [session.sessionId, session.userId, nowMs, session.expiresAtMs],
      expectedChanges: 1,
    },
  ])
}

export function findOpenSession(sessionId: string, nowMs: number): OpenSession | null {
  const [row] = openDatabase().read<{ user_id: string; expires_at_ms: number }>(
    'SELECT user_id, expires_at_ms FROM sessions WHERE id = ? AND expires_at_ms > ?',
    [sessionId, nowMs],
  )
  return row ? { sessionId, userId: row.user_id, expiresAtMs: row.expires_at_ms } : null
}

/** Nothing happens when it has ended already. */
export async function closeSession(sessionId: string): Promise<void> {
  await openDatabase().transact([{ sql: 'DELETE FROM sessions WHERE id = ?', params: [sessionId] }])
}
