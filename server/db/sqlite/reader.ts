import 'server-only'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import type { SqlValue } from '../database'
import { damageOf, isLastingDamage } from './damage'
import { isLocked, resultCodeOf } from './locked'
import { BUSY_TIMEOUT_MS } from './writer'

const KEPT_STATEMENTS = 200

/** A read-only connection on the calling thread. In WAL mode a reader waits for no writer. */
export class Reader {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()
  readonly #onDamage: (damage: AppError) => void

  /** @param onDamage is called for a file that stays damaged, before the read fails */
  constructor(file: string, onDamage: (damage: AppError) => void = () => undefined) {
    this.#database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    this.#onDamage = onDamage
  }

  /** Rows of a compiled query. Integers beyond 2^53 throw. */
  read<Row>(sql: string, params: readonly SqlValue[] = []): Row[] {
    try {
      return this.#statement(sql).all(...params) as Row[]
    } catch (error) {
      const damage = damageOf(resultCodeOf(error), error)
      if (damage) {
        if (isLastingDamage(resultCodeOf(error))) this.#onDamage(damage)
        throw damage
      }
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
