import 'server-only'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import type { SqlValue } from '../database'
import { toDamageError, isPermanentDamage } from './damage'
import { isLocked, toResultCode } from './result-code'
import { BUSY_TIMEOUT_MS } from './writer'

const MAX_CACHED_STATEMENTS = 200

/** A read-only connection on the calling thread. In WAL mode a reader never waits for a writer. */
export class Reader {
  readonly #database: DatabaseSync
  readonly #statementCache = new Map<string, StatementSync>()
  readonly #onDamage: (damage: AppError) => void

  /** @param onDamage is called for permanent damage, before the read fails */
  constructor(file: string, onDamage: (damage: AppError) => void = () => undefined) {
    this.#database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    this.#onDamage = onDamage
  }

  /** The rows of a compiled query. Integers beyond 2^53 throw. */
  read<Row>(sql: string, params: readonly SqlValue[] = []): Row[] {
    try {
      return this.#prepareStatement(sql).all(...params) as Row[]
    } catch (error) {
      const damage = toDamageError(toResultCode(error), error)
      if (damage) {
        if (isPermanentDamage(toResultCode(error))) this.#onDamage(damage)
        throw damage
      }
      if (!isLocked(error)) throw error
      throw new AppError('database-unavailable', 'Another program keeps the database locked.', { cause: error })
    }
  }

  close(): void {
    this.#statementCache.clear()
    this.#database.close()
  }

  #prepareStatement(sql: string): StatementSync {
    const statement = this.#statementCache.get(sql) ?? this.#database.prepare(sql)
    this.#statementCache.delete(sql)
    this.#statementCache.set(sql, statement)
    const oldest =
      this.#statementCache.size > MAX_CACHED_STATEMENTS ? this.#statementCache.keys().next().value : undefined
    if (oldest !== undefined) this.#statementCache.delete(oldest)
    return statement
  }
}
