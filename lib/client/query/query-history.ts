import { createStoredList } from '../stored-list'
import { ENGINE_NAMES } from './engine-names'
import { anyOf, finiteNumber, flag, integer, object, oneOf, type ShapeOutput, text } from './stored-shape'

/** A statement that was run here, with its outcome; or one that was replaced before it was run. */
const entry = object(
  {
    id: text(),
    sql: text(),
    ranAtMs: finiteNumber,
    elapsedMs: finiteNumber,
    outcome: anyOf(
      object({ kind: oneOf(['done']), rowCount: integer(0), isTruncated: flag }),
      object({ kind: oneOf(['failed']), reason: text() }),
      object({ kind: oneOf(['cancelled']) }),
      /** The user did not confirm that so much is loaded. */
      object({ kind: oneOf(['unconfirmed']), readBytes: finiteNumber }),
      object({ kind: oneOf(['unrun']) }),
    ),
  },
  /** Where it ran; absent for a statement that was not run. */
  { engine: oneOf(ENGINE_NAMES) },
)
export type HistoryEntry = ShapeOutput<typeof entry>

export const MAX_HISTORY_ENTRIES = 100
/** Longer statements are run but not stored. */
const MAX_SQL_CHARS = 20_000
const histories = createStoredList((value) => entry(value) ?? null)

/**
 * The statements that one user ran or left unrun in this browser, newest first. They are stored only here until the
 * user signs out, at most {@link MAX_HISTORY_ENTRIES} of them.
 *
 * @param userId null while the user is unknown: then the history is not read or stored
 */
export function useQueryHistory(userId: string | null) {
  const entries = histories.useItems(userId === null ? null : storageKey(userId))
  const remember = (newEntry: HistoryEntry) => {
    if (userId === null || newEntry.sql.length > MAX_SQL_CHARS) return
    const known = histories.read(storageKey(userId))
    histories.write(storageKey(userId), [newEntry, ...known].slice(0, MAX_HISTORY_ENTRIES))
  }
  return {
    entries,
    remember,
    /** Stores a text that is replaced before it was run, unless it is stored already. */
    keepUnrun: (sql: string) => {
      // Not `entries`: they are empty in the first render of a page that the server rendered.
      if (userId === null || sql.trim() === '') return
      if (histories.read(storageKey(userId)).some((known) => known.sql === sql)) return
      const atMs = Date.now()
      remember({ id: newEntryId(atMs), sql, ranAtMs: atMs, elapsedMs: 0, outcome: { kind: 'unrun' } })
    },
    clear: () => {
      if (userId !== null) clearQueryHistory(userId)
    },
  }
}

/** Removes all entries of a user from this browser. */
export function clearQueryHistory(userId: string): void {
  histories.write(storageKey(userId), [])
}

export function newEntryId(atMs: number): string {
  return `${atMs}-${Math.random().toString(36).slice(2, 8)}`
}

function storageKey(userId: string): string {
  return `lakeshore.query-history.${userId}`
}
