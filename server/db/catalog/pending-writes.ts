import 'server-only'
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { NewAuditEntry } from '../audit'
import type { Change, Database } from '../database'
import type { IdempotencyKey } from '../idempotency'
import { change, type Dialect, query } from '../statement'
import type { Tables } from '../tables'
import { tryCommit } from '../try-commit'
import type { WriteEvidence } from './write-evidence'

/**
 * Writes to remote catalogs that are sent and not recorded yet. A row is written before the request is sent. The
 * transaction that records the outcome removes it, so that exactly one process records it.
 */
export type PendingWrite = {
  /** The id of the first of its audit entries. */
  id: string
  catalog: string
  entries: readonly { id: string; entry: NewAuditEntry }[]
  evidence: WriteEvidence
  idempotency: IdempotencyKey | null
}

/** A write whose process did not record it in time, or does not know its outcome. */
export type OpenWrite = PendingWrite & {
  /** How long ago the request was sent last, by the database's clock. */
  ageMs: number
  /** How often its outcome was looked up before. */
  checkCount: number
}

/** The time that a process has to record its write, before a worker looks for the outcome. */
export const HOLD_MS = 10 * 60_000
/** How long a worker may look. */
export const CHECK_LEASE_MS = 2 * 60_000

/**
 * Stores a write before it is sent, or another attempt of it.
 *
 * @param claim fails the transaction when another process may be sending the same
 */
export async function savePendingWrite(database: Database, write: PendingWrite, claim?: Change): Promise<void> {
  await database.commit([
    change(
      (dialect) =>
        dialect.db
          .insertInto('pending_writes')
          .values(toRow(dialect, write))
          .onConflict((conflict) => conflict.column('id').doUpdateSet(attemptColumns(dialect, write))),
      { expectedRows: 1 },
    ),
    ...(claim ? [claim] : []),
  ])
}

/**
 * Reserves the key of a request until it is released: a pending write without entries, which a worker removes if the
 * process dies.
 *
 * @returns its id; null while another arrival of the request has reserved the key
 */
export async function reserveKey(database: Database, catalog: string, key: IdempotencyKey): Promise<string | null> {
  const id = createHash('sha256')
    .update(JSON.stringify([key.actorId, key.key]))
    .digest('hex')
  const write: PendingWrite = {
    id,
    catalog,
    entries: [],
    evidence: { kind: 'commits', commits: [] },
    idempotency: key,
  }
  const reserve = change(
    (dialect) =>
      dialect.db
        .insertInto('pending_writes')
        .values(toRow(dialect, write))
        .onConflict((conflict) => conflict.doNothing()),
    { expectedRows: 1 },
  )
  return (await tryCommit(database, [reserve])) ? id : null
}

/** Ends {@link reserveKey}. A worker may have removed the row. */
export async function releaseKey(database: Database, id: string): Promise<void> {
  await database.commit([change(({ db }) => db.deleteFrom('pending_writes').where('id', '=', id))])
}

function toRow(dialect: Dialect, write: PendingWrite) {
  const { id, catalog, idempotency } = write
  return {
    id,
    catalog,
    actor_id: idempotency?.actorId ?? null,
    idempotency_key: idempotency?.key ?? null,
    operation: idempotency?.operation ?? null,
    check_count: 0,
    ...attemptColumns(dialect, write),
  }
}

function attemptColumns({ nowMs }: Dialect, { entries, evidence }: PendingWrite) {
  return {
    entries: JSON.stringify(entries),
    evidence: JSON.stringify(evidence),
    sent_at_ms: nowMs,
    next_check_at_ms: addMs(nowMs, HOLD_MS),
  }
}

/** Removes the row. Fails the transaction when another process has recorded the outcome. */
export function removePendingWrite(id: string): Change {
  return change(({ db }) => db.deleteFrom('pending_writes').where('id', '=', id), { expectedRows: 1 })
}

/** Lets workers look up the outcome after this time. Does nothing when the write is recorded. */
export async function postponeCheck(database: Database, id: string, pauseMs: number): Promise<void> {
  await database.commit([
    change(({ db, nowMs }) =>
      db
        .updateTable('pending_writes')
        .set({ next_check_at_ms: addMs(nowMs, pauseMs) })
        .where('id', '=', id),
    ),
  ])
}

/** Claims a write whose outcome is due for a lookup, for {@link CHECK_LEASE_MS}; null without one. */
export async function claimOpenWrite(database: Database): Promise<OpenWrite | null> {
  for (;;) {
    const [row] = await database.read(OLDEST_DUE)
    if (!row) return null
    const claim = change(
      ({ db, nowMs }) =>
        db
          .updateTable('pending_writes')
          .set((eb) => ({ next_check_at_ms: addMs(nowMs, CHECK_LEASE_MS), check_count: eb('check_count', '+', 1) }))
          .where('id', '=', row.id)
          .where('check_count', '=', row.check_count)
          .where('next_check_at_ms', '=', row.next_check_at_ms),
      { expectedRows: 1 },
    )
    if (await tryCommit(database, [claim]))
      return { ...toPendingWrite(row), ageMs: row.age_ms, checkCount: row.check_count }
  }
}

const OLDEST_DUE = query(({ db, nowMs }) =>
  db
    .selectFrom('pending_writes')
    .selectAll()
    .select((eb) => eb(nowMs, '-', eb.ref('sent_at_ms')).as('age_ms'))
    .where((eb) =>
      // A time that is later than any that is given now was given before the clock was set back.
      eb.or([eb('next_check_at_ms', '<=', nowMs), eb('next_check_at_ms', '>', addMs(nowMs, HOLD_MS))]),
    )
    .orderBy('next_check_at_ms')
    .orderBy('id')
    .limit(1)
    .$narrowType<{ age_ms: number }>(),
)

/**
 * Whether a request with this key was sent, and its outcome is not recorded yet.
 *
 * @param reservation of the caller, which does not count
 */
export async function isWritePending(
  database: Database,
  { actorId, key }: Pick<IdempotencyKey, 'actorId' | 'key'>,
  reservation: string | null = null,
): Promise<boolean> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('pending_writes')
        .select('id')
        .where('actor_id', '=', actorId)
        .where('idempotency_key', '=', key)
        .limit(2),
    ),
  )
  return rows.some(({ id }) => id !== reservation)
}

function addMs(nowMs: Dialect['nowMs'], ms: number) {
  return sql<number>`${nowMs} + ${sql.lit(ms)}`
}

function toPendingWrite(row: Tables['pending_writes']): PendingWrite {
  const { id, catalog, actor_id: actorId, idempotency_key: key, operation } = row
  return {
    id,
    catalog,
    entries: JSON.parse(row.entries),
    evidence: JSON.parse(row.evidence),
    idempotency: actorId === null || key === null || operation === null ? null : { actorId, key, operation },
  }
}
