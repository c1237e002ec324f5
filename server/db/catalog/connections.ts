import 'server-only'
import { ulid } from 'ulid'
import * as z from 'zod'
import {
  type ConnectionSettings,
  type ConnectionTest,
  connectionSettings,
  connectionTest,
} from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import type { Change, Database } from '../database'
import { lowerAscii } from '../lower-ascii'
import { change, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { commitOrThrow } from '../try-commit'

/** How other catalogs are reached. The embedded catalog has no row here. Names are compared case-insensitively. */
export type Connection = {
  /** A ULID. */
  connectionId: string
  /** The name of the catalog, in URLs and in SQL. */
  name: string
  settings: ConnectionSettings
  /** Sealed texts by the names of the secrets; only for `server/connections`. */
  sealed: Readonly<Record<string, string>>
  /** Increases with every change. */
  version: number
  createdBy: string
  createdAtMs: number
  changedBy: string
  changedAtMs: number
  /** The last test of this version; null when it was not tested. */
  lastTest: ConnectionTest | null
}

type ConnectionEdit = Pick<Connection, 'connectionId' | 'name' | 'settings' | 'sealed'> & { editedBy: string }

/** Ids are chosen before the row is written, because secrets are sealed for them. */
export function newConnectionId(): string {
  return ulid()
}

/** In order of their names. */
export async function readConnections(database: Database): Promise<Connection[]> {
  return (await database.read(ALL_CONNECTIONS)).map(toConnection)
}

export async function findConnection(database: Database, connectionId: string): Promise<Connection | null> {
  const [row] = await database.read(connectionById({ connectionId }))
  return row ? toConnection(row) : null
}

export async function findConnectionByName(database: Database, name: string): Promise<Connection | null> {
  const [row] = await database.read(connectionByName({ lowerName: lowerAscii(name) }))
  return row ? toConnection(row) : null
}

const ALL_CONNECTIONS = query(({ db, ignoreCase }) =>
  db.selectFrom('connections').selectAll().orderBy(ignoreCase('name')),
)

const connectionById = preparedQuery(({ db }, { connectionId }: { connectionId: string }) =>
  db.selectFrom('connections').selectAll().where('id', '=', connectionId),
)

const connectionByName = preparedQuery(({ db, ignoreCase }, { lowerName }: { lowerName: string }) =>
  db.selectFrom('connections').selectAll().where(ignoreCase('connections.name'), '=', lowerName),
)

/**
 * @param alongside rows that belong to the connection, written in the same transaction
 * @throws {AppError} already-exists
 */
export async function insertConnection(
  database: Database,
  { connectionId, name, settings, sealed, editedBy }: ConnectionEdit,
  alongside: readonly Change[],
): Promise<void> {
  const insert = change(
    ({ db, nowMs }) =>
      db
        .insertInto('connections')
        .values({
          id: connectionId,
          name,
          kind: settings.kind,
          settings: toJson(settings),
          sealed: JSON.stringify(sealed),
          version: 1,
          created_by: editedBy,
          created_at_ms: nowMs,
          changed_by: editedBy,
          changed_at_ms: nowMs,
        })
        .onConflict((conflict) => conflict.doNothing()),
    { expectedRows: 1 },
  )
  await commitOrThrow(database, [insert, ...alongside], () => nameTakenError(name))
}

/**
 * Replaces a connection that still has this `version`, and discards its last test.
 *
 * @throws {AppError} not-found, version-conflict when another user has changed it since, already-exists for the name
 */
export async function updateConnection(
  database: Database,
  { connectionId, name, settings, sealed, editedBy }: ConnectionEdit,
  version: number,
  alongside: readonly Change[],
): Promise<void> {
  const update = change(
    (dialect) =>
      dialect.db
        .updateTable('connections')
        .set((eb) => ({
          name,
          kind: settings.kind,
          settings: toJson(settings),
          sealed: JSON.stringify(sealed),
          version: eb('version', '+', 1),
          changed_by: editedBy,
          changed_at_ms: dialect.nowMs,
          last_test: null,
        }))
        .where('id', '=', connectionId)
        .where('version', '=', version)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('connections as other')
                .select('other.id')
                .where(dialect.ignoreCase('other.name'), '=', lowerAscii(name))
                .where('other.id', '<>', connectionId),
            ),
          ),
        ),
    { expectedRows: 1, guards: ['connections'] },
  )
  await commitOrThrow(database, [update, ...alongside], async () => {
    const current = await findConnection(database, connectionId)
    if (current === null) return notFoundError()
    return current.version === version
      ? nameTakenError(name)
      : new AppError(
          'version-conflict',
          `${current.changedBy} changed this connection since you opened it. Reload the page and make your changes again.`,
          { facts: { version, versionNow: current.version, changedBy: current.changedBy } },
        )
  })
}

/** Removes a connection with the credentials of all users for it. @throws {AppError} not-found */
export async function deleteConnection(
  database: Database,
  connectionId: string,
  alongside: readonly Change[],
): Promise<void> {
  const remove = change(({ db }) => db.deleteFrom('connections').where('id', '=', connectionId), { expectedRows: 1 })
  await commitOrThrow(database, [remove, ...alongside], notFoundError)
}

/** Stores the result of a test, unless the connection was changed while the test ran. */
export async function saveTestResult(
  database: Database,
  { connectionId, version }: Connection,
  test: ConnectionTest,
  alongside: readonly Change[],
): Promise<void> {
  const save = change(({ db }) =>
    db
      .updateTable('connections')
      .set({ last_test: JSON.stringify(test) })
      .where('id', '=', connectionId)
      .where('version', '=', version),
  )
  await database.commit([save, ...alongside])
}

function toConnection(row: Tables['connections']): Connection {
  return {
    connectionId: row.id,
    name: row.name,
    settings: connectionSettings.parse(JSON.parse(row.settings)),
    sealed: JSON.parse(row.sealed) as Record<string, string>,
    version: row.version,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    changedBy: row.changed_by,
    changedAtMs: row.changed_at_ms,
    lastTest: row.last_test === null ? null : connectionTest.parse(JSON.parse(row.last_test)),
  }
}

function toJson(settings: ConnectionSettings): string {
  return JSON.stringify(z.encode(connectionSettings, settings))
}

function nameTakenError(name: string): AppError {
  return new AppError('already-exists', `A catalog named ${name} already exists.`)
}

function notFoundError(): AppError {
  return new AppError('not-found', 'There is no such connection.')
}

/** Fails the transaction unless a connection has this name. It changes nothing. */
export function namedConnectionChange(name: string): Change {
  return change(({ db }) => db.updateTable('connections').set({ name }).where('name', '=', name), { expectedRows: 1 })
}
