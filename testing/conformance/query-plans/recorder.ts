import type { Change, Database, Query, SqlValue } from '@/server/db/database'
import { compileChange, compileQuery, type Dialect } from '@/server/db/statement'

/** A statement as it was first run, with its values at that time. */
export type RecordedStatement = { sql: string; params: readonly SqlValue[] }

/**
 * Records the compiled statements of the modules of `server/db`, once per form, but not SQL that tests wrote as text
 * (in capitals).
 */
export class Recorder {
  readonly #byNormalizedSql = new Map<string, RecordedStatement>()

  get statements(): readonly RecordedStatement[] {
    return [...this.#byNormalizedSql.values()]
  }

  /** The same database, with its statements recorded. */
  record(database: Database, dialect: Dialect): Database {
    const nowMs = () => database.nowMs()
    return {
      nowMs,
      pollMs: database.pollMs,
      close: () => database.close(),
      read: <Row>(query: Query<Row>) => {
        this.#add(compileQuery(query, dialect, nowMs()))
        return database.read(query)
      },
      commit: (changes: readonly Change[]) => {
        for (const change of changes) this.#add(compileChange(change, dialect, nowMs()))
        return database.commit(changes)
      },
    }
  }

  #add({ sql, params }: RecordedStatement): void {
    const isTestSql = /^[A-Z]/.test(sql)
    const normalized = normalizeSql(sql)
    if (!isTestSql && !this.#byNormalizedSql.has(normalized)) this.#byNormalizedSql.set(normalized, { sql, params })
  }
}

/** The same text for lists of any length, and for both databases. */
export function normalizeSql(sql: string): string {
  return sql.replaceAll(/\$\d+/g, '?').replaceAll(/\?(, \?)+/g, '?…')
}
