/**
 * The thread that writes the database file: one transaction per message, one after another, fsynced before it
 * answers. SQLite's calls block, and an fsync takes milliseconds, so they run here and not where requests are
 * answered.
 *
 * Plain Node runs this file by itself (types stripped): no path alias, no `server-only`, only erasable types.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'

type WriteRequest = {
  statements: readonly { sql: string; params?: readonly SQLInputValue[]; expectedRows?: number | null }[]
}

/** `unsure`: the error came from COMMIT itself, so that the transaction may or may not survive a crash. */
export type WriteAnswer =
  | { kind: 'ready' }
  | { kind: 'done'; changes: number[] }
  | { kind: 'busy' }
  | { kind: 'unexpected'; index: number; changes: number }
  | { kind: 'failed'; message: string; full: boolean; unsure: boolean }

/** SQLite result codes; the extended code holds the primary one in its low byte. */
const SQLITE_BUSY = 5
const SQLITE_FULL = 13
/** Extended codes of a row that is there already: SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE and _ROWID. */
const DUPLICATE_CODES: ReadonlySet<number> = new Set([1555, 2067, 2579])
const KEPT_STATEMENTS = 100

const { file, busyTimeoutMs } = workerData as { file: string; busyTimeoutMs: number }
const database = new DatabaseSync(file, { timeout: busyTimeoutMs })
database.exec('PRAGMA synchronous = FULL')
const prepared = new Map<string, StatementSync>()

if (parentPort) answer(parentPort)

function answer(port: MessagePort): void {
  port.on('message', (request: WriteRequest | 'close') => {
    if (request !== 'close') return port.postMessage(transact(request), [])
    database.close()
    port.close()
  })
  port.postMessage({ kind: 'ready' }, [])
}

function transact({ statements }: WriteRequest): WriteAnswer {
  let committing = false
  const changes: number[] = []
  try {
    database.exec('BEGIN IMMEDIATE')
    for (const [index, { sql, params = [], expectedRows }] of statements.entries()) {
      const changed = Number(statementOf(sql).run(...params).changes)
      if (expectedRows !== undefined && expectedRows !== null && changed !== expectedRows) {
        rollBack()
        return { kind: 'unexpected', index, changes: changed }
      }
      changes.push(changed)
    }
    committing = true
    database.exec('COMMIT')
    return { kind: 'done', changes }
  } catch (error) {
    rollBack()
    const extendedCode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
    if (DUPLICATE_CODES.has(extendedCode)) return { kind: 'unexpected', index: changes.length, changes: 0 }
    const code = extendedCode & 0xff
    if (code === SQLITE_BUSY && !committing) return { kind: 'busy' }
    // A full disk is met while frames are written, before the one that makes the transaction valid.
    const full = code === SQLITE_FULL
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'failed', message, full, unsure: committing && !full }
  }
}

function rollBack(): void {
  if (database.isTransaction) database.exec('ROLLBACK')
}

/** Prepared once and kept, the longest unused one given up. */
function statementOf(sql: string): StatementSync {
  const statement = prepared.get(sql) ?? database.prepare(sql)
  prepared.delete(sql)
  prepared.set(sql, statement)
  const oldest = prepared.size > KEPT_STATEMENTS ? prepared.keys().next().value : undefined
  if (oldest !== undefined) prepared.delete(oldest)
  return statement
}
