import 'server-only'
import { ulid } from 'ulid'
import type { Change, Database } from '../database'
import { change, preparedQuery } from '../statement'

/** The credentials of one user for the catalog of a connection, used instead of the connection's own. */
export type UserCredentials = {
  /** A new id each time credentials are bound. */
  credentialsId: string
  /** Only for `server/connections`. */
  sealed: string
  storedAtMs: number
}

export async function findUserCredentials(
  database: Database,
  connectionId: string,
  userId: string,
): Promise<UserCredentials | null> {
  const [row] = await database.read(credentialsByUser({ connectionId, userId }))
  return row ? { credentialsId: row.id, sealed: row.sealed, storedAtMs: row.bound_at_ms } : null
}

const credentialsByUser = preparedQuery(({ db }, { connectionId, userId }: { connectionId: string; userId: string }) =>
  db
    .selectFrom('connection_credentials')
    .select(['id', 'sealed', 'bound_at_ms'])
    .where('connection_id', '=', connectionId)
    .where('user_id', '=', userId),
)

/** Binds credentials and replaces those that were bound before. */
export function saveUserCredentials(
  database: Database,
  { connectionId, userId, sealed }: { connectionId: string; userId: string; sealed: string },
  alongside: readonly Change[],
): Promise<number[]> {
  const save = change(({ db, nowMs }) =>
    db
      .insertInto('connection_credentials')
      .values({ connection_id: connectionId, user_id: userId, id: ulid(), sealed, bound_at_ms: nowMs })
      .onConflict((conflict) =>
        conflict.columns(['connection_id', 'user_id']).doUpdateSet(({ ref }) => ({
          id: ref('excluded.id'),
          sealed: ref('excluded.sealed'),
          bound_at_ms: ref('excluded.bound_at_ms'),
        })),
      ),
  )
  return database.commit([save, ...alongside])
}

export function deleteUserCredentials(
  database: Database,
  { connectionId, userId }: { connectionId: string; userId: string },
  alongside: readonly Change[],
): Promise<number[]> {
  const remove = change(({ db }) =>
    db.deleteFrom('connection_credentials').where('connection_id', '=', connectionId).where('user_id', '=', userId),
  )
  return database.commit([remove, ...alongside])
}

/** Removes the credentials of all users for a connection: they were meant for its previous address. */
export function deleteConnectionCredentials(connectionId: string): Change {
  return change(({ db }) => db.deleteFrom('connection_credentials').where('connection_id', '=', connectionId))
}
