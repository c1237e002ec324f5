import { useState } from 'react'
import type { SqlRange } from '@/lib/query/statement/sql-error'

/**
 * The selected range of each tab. A range belongs to the text in which it was selected: a field reports the end of a
 * selection later than the text that replaced it, and a field that the editor replaces in between never does.
 *
 * @param readSql the text of a tab at the moment
 */
export function useSelections(readSql: (tabId: string) => string | undefined) {
  const [selections, setSelections] = useState<Readonly<Record<string, { range: SqlRange; sql: string } | null>>>({})
  return {
    /** The selected range of `sql`, which is the text of the tab; null without one. */
    find: (tabId: string, sql: string): SqlRange | null => {
      const selection = selections[tabId] ?? null
      return selection?.sql === sql ? selection.range : null
    },
    select: (tabId: string, range: SqlRange | null): void => {
      const sql = readSql(tabId)
      const selection = range === null || sql === undefined ? null : { range, sql }
      setSelections((known) => ({ ...known, [tabId]: selection }))
    },
  }
}
