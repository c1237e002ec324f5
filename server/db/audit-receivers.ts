import 'server-only'
import { sql } from 'kysely'
import type { AuditEntry } from './audit'
import { selectEntries, toEntry } from './audit-list'
import type { Change, Database } from './database'
import { change, query } from './statement'
import type { Tables } from './tables'

/**
 * How far the audit was forwarded to each receiver outside, such as a SIEM. One process at a time forwards to a
 * receiver: the one that has its lease. The position moves only after a delivery, so that no entry is lost when a
 * process is killed.
 */
export type AuditReceiver = {
  name: string
  /** The `seq` of the last entry that it has. */
  position: number
  deliveredAtMs: number | null
  /**
   * The failures since the last delivery: their number, the time of the first, the message of the last, and the time of
   * the next attempt.
   */
  failure: { count: number; sinceMs: number; error: string; retriesAtMs: number } | null
}

export type NumberedEntry = { seq: number; entry: AuditEntry }

/** A new receiver gets the entries that are written from now on. */
export function addReceiverChange(name: string): Change {
  return change(({ db }) =>
    db
      .insertInto('audit_receivers')
      .values({
        name,
        position: sql<number>`(SELECT COALESCE(MAX(seq), 0) FROM audit)`,
        leased_by: null,
        leased_until_ms: 0,
        delivered_at_ms: null,
        failure_count: 0,
        failed_since_ms: null,
        error: null,
        retries_at_ms: null,
      })
      .onConflict((conflict) => conflict.column('name').doNothing()),
  )
}

/** All receivers that were ever added, including those that are no longer configured. */
export async function readReceivers(database: Database): Promise<AuditReceiver[]> {
  const rows = await database.read(query(({ db }) => db.selectFrom('audit_receivers').selectAll().orderBy('name')))
  return rows.map(toReceiver)
}

function toReceiver(row: Tables['audit_receivers']): AuditReceiver {
  const { name, position, delivered_at_ms: deliveredAtMs, failed_since_ms: sinceMs, error, retries_at_ms } = row
  return {
    name,
    position,
    deliveredAtMs,
    failure:
      sinceMs === null
        ? null
        : { count: row.failure_count, sinceMs, error: error ?? '', retriesAtMs: retries_at_ms ?? 0 },
  }
}

/**
 * Takes or renews the lease of a receiver that has entries to get.
 *
 * @returns false while another process has it
 */
export async function leaseReceiver(
  database: Database,
  name: string,
  { owner, leaseMs }: { owner: string; leaseMs: number },
): Promise<boolean> {
  const [leased] = await database.commit([
    change(({ db, nowMs }) =>
      db
        .updateTable('audit_receivers')
        .set({ leased_by: owner, leased_until_ms: (eb) => eb(nowMs, '+', eb.val(leaseMs)) })
        .where('name', '=', name)
        .where((eb) => eb.or([eb('leased_by', '=', owner), eb('leased_until_ms', '<=', nowMs)])),
    ),
  ])
  return leased === 1
}

/** Fails the transaction when another process has delivered meanwhile, or has the lease. */
export function deliveredChange(
  name: string,
  { owner, from, to }: { owner: string; from: number; to: number },
): Change {
  return change(
    ({ db, nowMs }) =>
      db
        .updateTable('audit_receivers')
        .set({
          position: to,
          delivered_at_ms: nowMs,
          failure_count: 0,
          failed_since_ms: null,
          error: null,
          retries_at_ms: null,
        })
        .where('name', '=', name)
        .where('leased_by', '=', owner)
        .where('position', '=', from),
    { expectedRows: 1 },
  )
}

/** Records a failure, and when any process may try again. */
export function failedChange(
  name: string,
  { owner, error, pauseMs }: { owner: string; error: string; pauseMs: number },
): Change {
  return change(({ db, nowMs }) =>
    db
      .updateTable('audit_receivers')
      .set((eb) => ({
        failure_count: eb('failure_count', '+', 1),
        failed_since_ms: eb.fn.coalesce('failed_since_ms', nowMs),
        error,
        retries_at_ms: eb(nowMs, '+', eb.val(pauseMs)),
      }))
      .where('name', '=', name)
      .where('leased_by', '=', owner),
  )
}

/** Gives the lease back, so that another process can go on at once. */
export function releaseReceiverChange(name: string, owner: string): Change {
  return change(({ db }) =>
    db
      .updateTable('audit_receivers')
      .set({ leased_by: null, leased_until_ms: 0 })
      .where('name', '=', name)
      .where('leased_by', '=', owner),
  )
}

/** The entries after a position, in the order in which they were written. Of those, a transaction may still add some. */
export async function readEntriesAfter(database: Database, position: number, limit: number): Promise<NumberedEntry[]> {
  const rows = await database.read(
    query((dialect) => selectEntries(dialect).where('audit.seq', '>', position).orderBy('audit.seq').limit(limit)),
  )
  return rows.map((row) => ({ seq: row.seq, entry: toEntry(row) }))
}

/** How many entries a receiver has not got, up to a limit, and when the oldest of them was written. */
export async function countEntriesAfter(
  database: Database,
  position: number,
  limit: number,
): Promise<{ count: number; oldestAtMs: number | null }> {
  const rows = await database.read(
    query(({ db }) => db.selectFrom('audit').select(['at_ms']).where('seq', '>', position).orderBy('seq').limit(limit)),
  )
  return { count: rows.length, oldestAtMs: rows[0]?.at_ms ?? null }
}

/**
 * The transactions of the database server that may still add entries: those before `oldestOpen` have ended, and those
 * from `next` on have not begun. Null in SQLite, which writes one transaction after the other.
 */
export type OpenTransactions = { oldestOpen: bigint; next: bigint }

export async function readOpenTransactions(database: Database): Promise<OpenTransactions | null> {
  const [row] = await database.read(
    query(({ db, name }) =>
      db.selectNoFrom([
        (name === 'postgres'
          ? sql<string | null>`pg_snapshot_xmin(pg_current_snapshot())::text`
          : sql<string | null>`NULL`
        ).as('oldest_open'),
        (name === 'postgres'
          ? sql<string | null>`pg_snapshot_xmax(pg_current_snapshot())::text`
          : sql<string | null>`NULL`
        ).as('next'),
      ]),
    ),
  )
  if (!row || row.oldest_open === null || row.next === null) return null
  return { oldestOpen: BigInt(row.oldest_open), next: BigInt(row.next) }
}
