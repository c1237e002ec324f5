import 'server-only'
import { ulid } from 'ulid'
import { z } from 'zod'
import {
  type ConnectionSettings,
  type ConnectionTest,
  connectionSettings,
  connectionTest,
} from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { type SqlValue, type Statement, UnexpectedChanges } from './database'
import { openDatabase } from './open-database'

/** How other catalogs are reached. The embedded catalog is no row here. Names are compared without regard to case. */
export type Connection = {
  /** A ULID. */
  connectionId: string
  /** The catalog's, in addresses and in SQL. */
  name: string
  settings: ConnectionSettings
  /** Sealed texts by the names of the secrets; for `server/connections` only. */
  sealed: Readonly<Record<string, string>>
  /** Moves with every change. */
  version: number
  createdBy: string
  createdAtMs: number
  changedBy: string
  changedAtMs: number
  /** Of this version; null where it was not tested. */
  lastTest: ConnectionTest | null
}

type Change = Pick<Connection, 'connectionId' | 'name' | 'settings' | 'sealed'> & { by: string; nowMs: number }

type ConnectionRow = {
  id: string
  name: string
  settings: string
  sealed: string
  version: number
  created_by: string
  created_at_ms: number
  changed_by: string
  changed_at_ms: number
  last_test: string | null
}

/** Ids are chosen before the row is written: secrets are sealed for them. */
export function newConnectionId(nowMs: number): string {
  return ulid(nowMs)
}

/** In the order of their names. */
export function readConnections(): Connection[] {
  return select('ORDER BY name', [])
}

export function findConnection(connectionId: string): Connection | null {
  return select('WHERE id = ?', [connectionId])[0] ?? null
}

export function findConnectionByName(name: string): Connection | null {
  return select('WHERE name = ?', [name])[0] ?? null
}

/**
 * @param alongside rows that belong to it, written in its transaction
 * @throws {AppError} already-exists
 */
export async function insertConnection(change: Change, alongside: readonly Statement[]): Promise<void> {
  const { connectionId, name, settings, sealed, by, nowMs } = change
  const insert: Statement = {
    sql: `INSERT INTO connections
        (id, name, kind, settings, sealed, version, created_by, created_at_ms, changed_by, changed_at_ms)
      VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?6, ?7) ON CONFLICT (name) DO NOTHING`,
    params: [connectionId, name, settings.kind, toJson(settings), JSON.stringify(sealed), by, nowMs],
    expectedChanges: 1,
  }
  await write([insert, ...alongside], () => nameTaken(name))
}

/**
 * Replaces a connection that is still at `version`. What a test had found is forgotten.
 *
 * @throws {AppError} not-found, changed-meanwhile when somebody else changed it meanwhile, already-exists for the name
 */
export async function updateConnection(
  { connectionId, name, settings, sealed, by, nowMs }: Change,
  version: number,
  alongside: readonly Statement[],
): Promise<void> {
  const update: Statement = {
    sql: `UPDATE connections SET name = ?3, kind = ?4, settings = ?5, sealed = ?6, version = version + 1,
        changed_by = ?7, changed_at_ms = ?8, last_test = NULL
      WHERE id = ?1 AND version = ?2 AND NOT EXISTS (SELECT 1 FROM connections WHERE name = ?3 AND id <> ?1)`,
    params: [connectionId, version, name, settings.kind, toJson(settings), JSON.stringify(sealed), by, nowMs],
    expectedChanges: 1,
  }
  await write([update, ...alongside], () => {
    const now = findConnection(connectionId)
    if (now === null) return gone()
    return now.version === version
      ? nameTaken(name)
      : new AppError(
          'changed-meanwhile',
          `${now.changedBy} changed this connection since you opened it. Load the page again to change what is there now.`,
          { facts: { version, versionNow: now.version, changedBy: now.changedBy } },
        )
  })
}

/** Removes a connection with everybody's credentials for it. @throws {AppError} not-found */
export async function deleteConnection(connectionId: string, alongside: readonly Statement[]): Promise<void> {
  const remove: Statement = {
    sql: 'DELETE FROM connections WHERE id = ?',
    params: [connectionId],
    expectedChanges: 1,
  }
  await write([remove, ...alongside], gone)
}

/** Keeps what a test found, unless the connection was changed while it ran. */
export async function keepTest(
  { connectionId, version }: Connection,
  test: ConnectionTest,
  alongside: readonly Statement[],
): Promise<void> {
  await openDatabase().transact([
    {
      sql: 'UPDATE connections SET last_test = ? WHERE id = ? AND version = ?',
      params: [JSON.stringify(test), connectionId, version],
    },
    ...alongside,
  ])
}

function select(how: string, params: readonly SqlValue[]): Connection[] {
  return openDatabase()
    .read<ConnectionRow>(
      `SELECT id, name, settings, sealed, version, created_by, created_at_ms, changed_by, changed_at_ms, last_test
        FROM connections ${how}`,
      params,
    )
    .map(toConnection)
}

async function write(statements: readonly Statement[], refusal: () => AppError): Promise<void> {
  try {
    await openDatabase().transact(statements)
  } catch (error) {
    if (error instanceof UnexpectedChanges && error.index === 0) throw refusal()
    throw error
  }
}

function toConnection(row: ConnectionRow): Connection {
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

function nameTaken(name: string): AppError {
  return new AppError('already-exists', `There is a catalog named ${name} already.`)
}

function gone(): AppError {
  return new AppError('not-found', 'There is no such connection.')
}
