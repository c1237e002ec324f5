import 'server-only'
import { LRUCache } from 'lru-cache'
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
  readonly #statementCache = new LRUCache<string, StatementSync>({ max: MAX_CACHED_STATEMENTS })
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
    const cached = this.#statementCache.get(sql)
    if (cached) return cached
    const statement = this.#database.prepare(sql)
    this.#statementCache.set(sql, statement)
    return statement
  }
}
