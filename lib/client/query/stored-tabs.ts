import { TABS_KEY } from '../session/sign-out-signal'
import { type QueryTab, type QueryTabs, queryTabs } from './query-tabs'
import { finiteNumber, list, object, parseShape, text } from './stored-shape'

/**
 * The tabs of the query workbench, in the session storage: each browser tab has tabs of its own, which no other browser
 * tab reads or overwrites, and keeps them across reloads.
 */
const stored = object(
  {
    userId: text(),
    state: queryTabs,
    /** The text of the active tab in the URL: it follows the typing with a delay. */
    addressSql: text(),
    savedAtMs: finiteNumber,
  },
  /** Earlier texts in the URL, the oldest first. */
  { replacedSqls: list(object({ sql: text(), replacedAtMs: finiteNumber })) },
)
export type StoredTabs = { state: QueryTabs; addressSql: string; replacedSqls?: ReplacedSql[] | undefined }
export type ReplacedSql = { sql: string; replacedAtMs: number }

/** A longer text is not stored. */
export const MAX_TAB_CHARS = 500_000
/** The limit for all texts together, so that they fit into the storage of every browser. */
const MAX_TOTAL_CHARS = 1_500_000
const SIGNED_OUT_PREFIX = 'lakeshore.query-signed-out.'

/** The tabs that this user had in this browser tab; null if there are none, or the user has signed out since. */
export function readTabs(userId: string): StoredTabs | null {
  const json = read(() => sessionStorage.getItem(TABS_KEY))
  const known = json === null ? undefined : parseShape(json, stored)
  if (known === undefined || known.userId !== userId) return null
  // A sign-out in another tab cannot reach the storage of this one.
  if (known.savedAtMs <= signedOutAtMs(userId)) {
    sessionStorage.removeItem(TABS_KEY)
    return null
  }
  return known
}

/** When this user last signed out in this browser; 0 if never. */
export function signedOutAtMs(userId: string): number {
  return Number(read(() => localStorage.getItem(SIGNED_OUT_PREFIX + userId)) ?? 0)
}

export function saveTabs(userId: string, { state, ...address }: StoredTabs): void {
  const unstored = unstoredTabIds(state)
  const retained = {
    ...state,
    tabs: state.tabs.map((tab) => (unstored.has(tab.id) ? { ...tab, sql: '', cursor: 0, opened: null } : tab)),
    closed: unstored.size > 0 ? [] : state.closed.filter(({ tab }) => tab.sql.length <= MAX_CLOSED_CHARS),
  }
  try {
    sessionStorage.setItem(TABS_KEY, JSON.stringify({ userId, state: retained, ...address, savedAtMs: Date.now() }))
  } catch {
    // The browser's storage is full or blocked. The URL still has the active text, if it is short enough.
  }
}

/** Longer texts of closed tabs cannot be reopened after a reload. */
const MAX_CLOSED_CHARS = 20_000

/** The tabs whose text is too long to be stored. The active tab is stored first. */
export function unstoredTabIds({ tabs, activeId }: QueryTabs): ReadonlySet<string> {
  let chars = 0
  const isStored = ({ sql }: QueryTab) => {
    if (sql.length > MAX_TAB_CHARS || chars + sql.length > MAX_TOTAL_CHARS) return false
    chars += sql.length
    return true
  }
  const activeFirst = tabs.toSorted((a, b) => Number(b.id === activeId) - Number(a.id === activeId))
  return new Set(activeFirst.filter((tab) => !isStored(tab)).map(({ id }) => id))
}

/** Removes the user's tabs from this browser tab and, when they are opened next, from all others. */
export function clearTabs(userId: string): void {
  try {
    sessionStorage.removeItem(TABS_KEY)
    localStorage.setItem(SIGNED_OUT_PREFIX + userId, String(Date.now()))
  } catch {
    // The browser's storage is full or blocked, and then there are no tabs in it.
  }
}

/** Null when the browser blocks its storage. */
function read(get: () => string | null): string | null {
  try {
    return get()
  } catch {
    return null
  }
}
