import 'server-only'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import type { SqlValue } from '../database'
import { isLocked } from './locked'
import { BUSY_TIMEOUT_MS } from './writer'

const KEPT_STATEMENTS = 200

/** A read-only connection on the calling thread. In WAL mode a reader waits for no writer. */
export class Reader {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  }

  /** Rows of a compiled query. Integers beyond 2^53 throw. */
  read<Row>(sql: string, params: readonly SqlValue[] = []): Row[] {
    try {
      return this.#statement(sql).all(...params) as Row[]
    } catch (error) {
      if (!isLocked(error)) throw error
      throw new AppError('database-unavailable', 'Another program keeps the database locked.', { cause: error })
    }
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }

  #statement(sql: string): StatementSync {
    const statement = this.#prepared.get(sql) ?? this.#database.prepare(sql)
    this.#prepared.delete(sql)
    this.#prepared.set(sql, statement)
    const oldest = this.#prepared.size > KEPT_STATEMENTS ? this.#prepared.keys().next().value : undefined
    if (oldest !== undefined) this.#prepared.delete(oldest)
    return statement
  }
}
