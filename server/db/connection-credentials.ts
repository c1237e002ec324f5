import 'server-only'
import { ulid } from 'ulid'
import type { Statement } from './database'
import { openDatabase } from './open-database'

/** What one person logs in to a connection's catalog with, in place of the connection's own. */
export type OwnCredentials = {
  /** Another one each time they are bound. */
  credentialsId: string
  /** For `server/connections` only. */
  sealed: string
  boundAtMs: number
}

type CredentialsRow = { id: string; sealed: string; bound_at_ms: number }

export function findOwnCredentials(connectionId: string, userId: string): OwnCredentials | null {
  const [row] = openDatabase().read<CredentialsRow>(
    'SELECT id, sealed, bound_at_ms FROM connection_credentials WHERE connection_id = ? AND user_id = ?',
    [connectionId, userId],
  )
  return row ? { credentialsId: row.id, sealed: row.sealed, boundAtMs: row.bound_at_ms } : null
}

/** Binds them, in place of what was bound before. */
export function putOwnCredentials(
  { connectionId, userId, sealed, nowMs }: { connectionId: string; userId: string; sealed: string; nowMs: number },
  alongside: readonly Statement[],
): Promise<number[]> {
  return openDatabase().transact([
    {
      sql: `INSERT INTO connection_credentials (connection_id, user_id, id, sealed, bound_at_ms) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (connection_id, user_id)
        DO UPDATE SET id = excluded.id, sealed = excluded.sealed, bound_at_ms = excluded.bound_at_ms`,
      params: [connectionId, userId, ulid(nowMs), sealed, nowMs],
    },
    ...alongside,
  ])
}

export function deleteOwnCredentials(
  { connectionId, userId }: { connectionId: string; userId: string },
  alongside: readonly Statement[],
): Promise<number[]> {
  return openDatabase().transact([
    {
      sql: 'DELETE FROM connection_credentials WHERE connection_id = ? AND user_id = ?',
      params: [connectionId, userId],
    },
    ...alongside,
  ])
}

/** Everybody's, of one connection: they were meant for the address it had. */
export function forgetOwnCredentials(connectionId: string): Statement {
  return { sql: 'DELETE FROM connection_credentials WHERE connection_id = ?', params: [connectionId] }
}
