import type { Change, Database, Query, SqlValue } from '@/server/db/database'
import { compileChange, compileQuery, type Dialect } from '@/server/db/statement'

/** A statement as it was run first, with the values of that time. */
export type Recorded = { sql: string; params: readonly SqlValue[] }

/** Keeps what the nouns of `server/db` compiled to, once per form; not what tests wrote as text (in capitals). */
export class Recorder {
  readonly #byForm = new Map<string, Recorded>()

  get statements(): readonly Recorded[] {
    return [...this.#byForm.values()]
  }

  /** The same database, which keeps what it is asked. */
  record(database: Database, dialect: Dialect): Database {
    const nowMs = () => database.nowMs()
    return {
      nowMs,
      close: () => database.close(),
      read: <Row>(query: Query<Row>) => {
        this.#keep(compileQuery(query, dialect, nowMs))
        return database.read(query)
      },
      commit: (changes: readonly Change[]) => {
        for (const change of changes) this.#keep(compileChange(change, dialect, nowMs))
        return database.commit(changes)
      },
    }
  }

  #keep({ sql, params }: Recorded): void {
    const isOfTest = /^[A-Z]/.test(sql)
    const form = formOf(sql)
    if (!isOfTest && !this.#byForm.has(form)) this.#byForm.set(form, { sql, params })
  }
}

/** The same for lists of any length, and for both databases. */
export function formOf(sql: string): string {
  return sql.replaceAll(/\$\d+/g, '?').replaceAll(/\?(, \?)+/g, '?…')
}
