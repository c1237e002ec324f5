import 'server-only'
import type { PoolClient } from 'pg'
import { UnexpectedChanges } from '../database'
import type { Guard, Guards } from '../statement'
import { type BatchResult, type BatchStatement, runBatch } from './batch'
import { classifyFailure, isConnectionLost, isCertainlyRolledBack } from './failures'

/** A compiled change. */
export type Statement = BatchStatement & { expectedRows: number | null } & Guards

/** The newest audit entry. */
export type AuditEntry = { seq: number; id: string }

/** The result of one attempt at a transaction. `unknown`: COMMIT was sent, and no answer came. */
export type Attempt = TransactionEffects & ({ kind: 'committed' } | { kind: 'unknown'; cause: unknown })

/** The changes that a transaction made, or would have made. */
export type TransactionEffects = {
  changes: number[]
  /** By the server's clock. */
  insertedAtMs: number
  /** Including the entries of this transaction. */
  lastEntry: AuditEntry | null
}

export type AttemptOptions = {
  /** The name of this attempt, which the transaction inserts. */
  commitId: string
  /** The newest audit entry that this process has seen. */
  lastEntry: AuditEntry | null
  /** How long a statement may take. */
  answerTimeoutMs: number
}

/** The numbers of guards among the server's advisory locks; a number is never reused for another guard. */
const GUARD_NUMBERS: Record<Guard, number> = {
  catalog: 1,
  users: 2,
  tokens: 3,
  runs: 4,
  'run-logs': 5,
  connections: 6,
  'sign-in': 7,
  'saved-queries': 8,
  proposals: 9,
  access: 10,
  policies: 11,
  shortcuts: 12,
  uploads: 13,
  schedules: 14,
}

const INSERT_COMMIT = `INSERT INTO commit_fences (id, at_ms, is_fence)
  VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 0)
  RETURNING at_ms, ($2::bigint IS NULL OR EXISTS (SELECT 1 FROM audit WHERE seq = $2 AND id = $3))::int`
const TAKE_GUARD = 'SELECT pg_advisory_xact_lock(hashtext(current_schema()), $1)'
const SHARE_GUARD = 'SELECT pg_advisory_xact_lock_shared(hashtext(current_schema()), $1)'
const LAST_ENTRY = 'SELECT seq, id FROM audit ORDER BY seq DESC LIMIT 1'

/**
 * Runs the statements in one transaction with READ COMMITTED: each statement sees the commits before its start. A
 * change that depends on rows it does not write takes its guard first, so that no other change modifies them in
 * between.
 *
 * It takes two round trips: one for all statements, and one for COMMIT, which is sent when they changed the expected
 * rows.
 *
 * @throws {UnexpectedChanges} and any error with which the server refused a statement; the transaction then changed
 * nothing
 * @throws {OlderDatabase} when the audit lacks its last entry
 */
export async function attemptTransaction(
  client: PoolClient,
  statements: readonly Statement[],
  options: AttemptOptions,
): Promise<Attempt> {
  try {
    const applied = await runStatements(client, statements, options)
    return { ...applied, ...(await commit(client)) }
  } catch (error) {
    // If the rollback fails, the connection is not used again, and its transaction ends with it.
    if (!isConnectionLost(error)) await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

export async function readLastEntry(client: PoolClient): Promise<AuditEntry | null> {
  const { rows } = await client.query<AuditEntry>(LAST_ENTRY)
  return rows[0] ?? null
}

/** The audit lacks an entry that this process has seen: the database was replaced by an older one. */
export class OlderDatabase extends Error {
  override readonly name = 'OlderDatabase'

  constructor({ seq }: AuditEntry) {
    super(`the audit had an entry ${seq}, which is missing now`)
  }
}

async function runStatements(
  client: PoolClient,
  statements: readonly Statement[],
  { commitId, lastEntry, answerTimeoutMs }: AttemptOptions,
): Promise<TransactionEffects> {
  const preamble: BatchStatement[] = [
    { sql: 'BEGIN ISOLATION LEVEL READ COMMITTED', params: [] },
    { sql: INSERT_COMMIT, params: [commitId, lastEntry?.seq ?? null, lastEntry?.id ?? null] },
    ...takeGuards(statements),
  ]
  const last = { sql: LAST_ENTRY, params: [] }
  const { results, error } = await runBatch(client, [...preamble, ...statements, last], answerTimeoutMs)
  if (isConnectionLost(error)) throw error
  const [, insertResult] = results
  const changes = results.slice(preamble.length, preamble.length + statements.length).map(({ rowCount }) => rowCount)
  if (lastEntry && insertResult && readNumber(insertResult, 1) === 0) throw new OlderDatabase(lastEntry)
  // Checked even when a later statement failed: it may have failed because this one changed nothing.
  requireExpectedRows(statements, changes)
  if (error === null && insertResult)
    return { changes, insertedAtMs: readNumber(insertResult, 0), lastEntry: readEntry(results.at(-1)) }
  // Another transaction inserted the row after the statement looked: handled as if the row had existed before.
  const isFromStatement = results.length >= preamble.length && changes.length < statements.length
  if (isFromStatement && classifyFailure(error).kind === 'duplicate') throw new UnexpectedChanges(changes.length, 0)
  throw error
}

/** Each guard once, and always in the same order, so that no two transactions deadlock. */
function takeGuards(statements: readonly Statement[]): BatchStatement[] {
  const taken = new Set(statements.flatMap(({ guards }) => guards))
  const shared = new Set(statements.flatMap(({ sharedGuards }) => sharedGuards))
  return [...new Set([...taken, ...shared])]
    .toSorted((a, b) => GUARD_NUMBERS[a] - GUARD_NUMBERS[b])
    .map((guard) => ({ sql: taken.has(guard) ? TAKE_GUARD : SHARE_GUARD, params: [GUARD_NUMBERS[guard]] }))
}

function requireExpectedRows(statements: readonly Statement[], changes: readonly number[]): void {
  for (const [index, changed] of changes.entries()) {
    const expected = statements[index]?.expectedRows ?? null
    if (expected !== null && changed !== expected) throw new UnexpectedChanges(index, changed)
  }
}

async function commit(client: PoolClient): Promise<{ kind: 'committed' } | { kind: 'unknown'; cause: unknown }> {
  try {
    await client.query('COMMIT')
    return { kind: 'committed' }
  } catch (cause) {
    if (isCertainlyRolledBack(cause)) throw cause
    return { kind: 'unknown', cause }
  }
}

function readNumber({ rows }: BatchResult, column: number): number {
  return Number(rows[0]?.[column])
}

function readEntry(result: BatchResult | undefined): AuditEntry | null {
  const [seq, id] = result?.rows[0] ?? []
  return seq && id ? { seq: Number(seq), id } : null
}
