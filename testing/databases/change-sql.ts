import type { Change } from '@/server/db/database'
import { SQLITE } from '@/server/db/sqlite/dialect'
import { compileChange } from '@/server/db/statement'

/** The SQL text of a change, for tests that inspect a change without running it. */
export function changeSql(change: Change): string {
  return compileChange(change, SQLITE, 0).sql
}

/** Whether one of the changes names this table, for tests that intercept a certain transaction. */
export function touchesTable(changes: readonly Change[], table: string): boolean {
  return changes.some((change) => changeSql(change).includes(table))
}
