import 'server-only'
import { sql } from 'kysely'
import type { Change, Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { TABLE_CLIENTS_MIGRATION } from '../migrations'
import { change, query } from '../statement'
import type { Tables } from '../tables'

/**
 * The clients of the REST catalog that read and wrote a table, by day. A row is found by the UUID of its table, so it
 * follows renames and moves.
 */

const DAY_MS = 24 * 60 * 60_000
/** Older rows are removed with other rows that are no longer needed. */
export const CLIENT_RETENTION_DAYS = 90
/** Rows of a table a day. Clients choose their names, so a client may send another one with each request. */
export const MAX_CLIENT_ROWS_PER_DAY = 50

/** A client by its own words; null if it does not say. `library`: the one through which a named engine reaches the catalog. */
export type ClientName = { name: string | null; version: string | null; library: string | null }

export type ClientUse = { tableUuid: string; day: number; client: ClientName; access: 'read' | 'write' }

/** The day of an instant in UTC, as rows have it. */
export function toUtcDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS)
}

/** The first instant of a day. */
export function dayStartMs(day: number): number {
  return day * DAY_MS
}

/** The rows of uses, unless they exist, or the table has too many of the day. */
export function clientUseChanges(uses: readonly ClientUse[]): Change[] {
  return uses.map(({ tableUuid, day, client, access }) =>
    change((dialect) => {
      const row: Tables['table_clients'] = {
        table_uuid: tableUuid,
        day,
        client: client.name ?? '',
        version: client.version ?? '',
        library: client.library ?? '',
        access,
      }
      const count = dialect.db
        .selectFrom('table_clients as others')
        .select(ROW_COUNT)
        .where('others.table_uuid', '=', tableUuid)
        .where('others.day', '=', day)
      return insertIf(dialect, 'table_clients', row, isBelow(count, MAX_CLIENT_ROWS_PER_DAY)).onConflict((conflict) =>
        conflict.doNothing(),
      )
    }),
  )
}

/** Removes rows that are too old. */
export function oldClientUsesChange(): Change {
  return change(({ db, nowMs }) => {
    const today = sql<number>`${nowMs} / ${sql.lit(DAY_MS)}`
    return db.deleteFrom('table_clients').where('day', '<=', sql<number>`${today} - ${sql.lit(CLIENT_RETENTION_DAYS)}`)
  })
}

export type LatestUse = { client: ClientName; access: 'read' | 'write'; day: number }

/**
 * The latest day of each client and kind of access, the latest first.
 *
 * @returns `isTruncated` if there are more than `limit`, or on some day more clients than rows are stored for
 */
export async function readClientUses(
  database: Database,
  tableUuid: string,
  { sinceDay, limit }: { sinceDay: number; limit: number },
): Promise<{ uses: LatestUse[]; isTruncated: boolean }> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('table_clients')
        .select(['client', 'version', 'library', 'access'])
        .select(({ fn }) => fn.max<number>('day').as('latest'))
        .where('table_uuid', '=', tableUuid)
        .where('day', '>=', sinceDay)
        .groupBy(['client', 'version', 'library', 'access'])
        .orderBy('latest', 'desc')
        .orderBy('client')
        .orderBy('version')
        .orderBy('library')
        .orderBy('access')
        .limit(limit + 1),
    ),
  )
  const fullDays = await database.read(
    query(({ db }) =>
      db
        .selectFrom('table_clients')
        .select('day')
        .where('table_uuid', '=', tableUuid)
        .where('day', '>=', sinceDay)
        .groupBy('day')
        .having(({ fn }) => fn.countAll(), '>=', MAX_CLIENT_ROWS_PER_DAY)
        .limit(1),
    ),
  )
  return {
    uses: rows.slice(0, limit).map(({ client, version, library, access, latest }) => ({
      client: { name: client || null, version: version || null, library: library || null },
      access,
      day: latest,
    })),
    isTruncated: rows.length > limit || fullDays.length > 0,
  }
}

/** The first day of which rows may exist: when the table of the rows was created. */
export async function firstRecordedDay(database: Database): Promise<number> {
  const [row] = await database.read(FIRST_RECORDED)
  if (!row) throw new Error('the table of clients has no migration')
  return toUtcDay(row.applied_at_ms)
}

const FIRST_RECORDED = query(({ db }) =>
  db.selectFrom('lakeshore_migrations').select('applied_at_ms').where('name', '=', TABLE_CLIENTS_MIGRATION),
)
