import { DatabaseSync } from 'node:sqlite'
import { isWide, type Reading } from './plans'
import type { Recorded } from './recorder'

/** @param file a database of this version; its rows play no part */
export function sqliteReadings(file: string, statement: Recorded): Reading[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${statement.sql}`).all()
    return steps.flatMap(({ detail }) => readingOf(String(detail), statement) ?? [])
  } finally {
    database.close()
  }
}

/**
 * `SCAN t`, or `SEARCH t USING INDEX i (a=? AND b>?)`; without conditions a search seeks the least or greatest. Other
 * steps read no table.
 */
function readingOf(how: string, statement: Recorded): Reading | null {
  const [, verb, name = ''] = /^(SCAN|SEARCH) (\w+)/.exec(how) ?? []
  if (verb === undefined) return null
  const conditions = /\(([^()]*)\)$/.exec(how)?.[1]
  const columns = [...(conditions ?? '').matchAll(/(\w+)[=<>]/g)].map(([, column = '']) => column)
  const isWhole = verb === 'SCAN' || (conditions !== undefined && isWide(columns, statement))
  return { table: tableOf(name, statement.sql), how, isWhole }
}

/** A plan names a table as the statement does. */
function tableOf(name: string, sql: string): string {
  return new RegExp(`"(\\w+)" as "${name}"`).exec(sql)?.[1] ?? name
}
