import { useSyncExternalStore } from 'react'
import { z } from 'zod'

/** A statement that was run here, with its outcome; or one that a link replaced before it was run. */
const entry = z.object({
  id: z.string(),
  sql: z.string(),
  ranAtMs: z.number(),
  elapsedMs: z.number(),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('done'), rowCount: z.int(), isCut: z.boolean() }),
    z.object({ kind: z.literal('failed'), reason: z.string() }),
    z.object({ kind: z.literal('cancelled') }),
    z.object({ kind: z.literal('unrun') }),
  ]),
})
export type HistoryEntry = z.output<typeof entry>

export const MAX_HISTORY_ENTRIES = 100
/** Longer statements are run but not stored. */
const MAX_SQL_CHARS = 20_000
const NO_ENTRIES: readonly HistoryEntry[] = []

/**
 * The statements that one user ran or left unrun in this browser, newest first. They are stored only here until the
 * user signs out, at most {@link MAX_HISTORY_ENTRIES} of them.
 *
 * @param userId null while the user is unknown: then nothing is read or stored
 */
export function useQueryHistory(userId: string | null) {
  const entries = useSyncExternalStore(
    subscribe,
    () => (userId === null ? NO_ENTRIES : readEntries(userId)),
    () => NO_ENTRIES,
  )
  const remember = (newEntry: HistoryEntry) => {
    if (userId === null || newEntry.sql.length > MAX_SQL_CHARS) return
    writeEntries(userId, [newEntry, ...readEntries(userId)].slice(0, MAX_HISTORY_ENTRIES))
  }
  return {
    entries,
    remember,
    /** Stores a text that is replaced before it was run, unless it is stored already. */
    keepUnrun: (sql: string) => {
      // Not `entries`: they are empty in the first render of a page that the server rendered.
      if (userId === null || sql.trim() === '' || readEntries(userId).some((known) => known.sql === sql)) return
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
  try {
    localStorage.removeItem(storageKey(userId))
  } catch {
    // The browser's storage is blocked, and then there is no history in it.
  }
  for (const listener of listeners) listener()
}

export function newEntryId(atMs: number): string {
  return `${atMs}-${Math.random().toString(36).slice(2, 8)}`
}

const listeners = new Set<() => void>()
/** The last result: the same text must be the same list, as React requires of a store. */
let lastRead: { key: string; text: string | null; entries: readonly HistoryEntry[] } | null = null

function subscribe(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

function storageKey(userId: string): string {
  return `lakeshore.query-history.${userId}`
}

function readEntries(userId: string): readonly HistoryEntry[] {
  const key = storageKey(userId)
  const text = localStorage.getItem(key)
  if (lastRead?.key === key && lastRead.text === text) return lastRead.entries
  lastRead = { key, text, entries: text === null ? NO_ENTRIES : parseEntries(text) }
  return lastRead.entries
}

/** The stored text may come from another version of this page or from elsewhere: invalid entries are left out. */
function parseEntries(text: string): readonly HistoryEntry[] {
  try {
    return z
      .array(z.unknown())
      .parse(JSON.parse(text))
      .flatMap((item) => entry.safeParse(item).data ?? [])
  } catch {
    return NO_ENTRIES
  }
}

function writeEntries(userId: string, entries: readonly HistoryEntry[]) {
  try {
    localStorage.setItem(storageKey(userId), JSON.stringify(entries))
  } catch {
    // The browser's storage is full or blocked. The history is optional, so the query is not affected.
  }
  for (const listener of listeners) listener()
}
