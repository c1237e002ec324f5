import { z } from 'zod'
import { DRAFT_KEY, OPENED_QUERY_KEY, PARAMETERS_KEY } from '../session/sign-out-signal'

/** The text in the editor of this browser tab, and what the URL had of it when it was stored. */
const draft = z.object({ userId: z.string(), sql: z.string(), addressSql: z.string(), savedAtMs: z.number() })
export type QueryDraft = Pick<z.output<typeof draft>, 'sql' | 'addressSql'>

/** Longer texts are not stored. */
export const MAX_DRAFT_CHARS = 500_000
const SIGNED_OUT_PREFIX = 'lakeshore.query-signed-out.'

/** What this user last had in the editor of this tab; null if there is nothing, or they have signed out since. */
export function readDraft(userId: string): QueryDraft | null {
  const text = sessionStorage.getItem(DRAFT_KEY)
  const stored = text === null ? null : parseDraft(text)
  if (stored === null || stored.userId !== userId) return null
  // A sign-out in another tab cannot reach the storage of this one.
  if (isSignedOutSince(userId, stored.savedAtMs)) {
    sessionStorage.removeItem(DRAFT_KEY)
    return null
  }
  return stored
}

/** Whether the user has signed out since a time, in any tab of this browser. */
export function isSignedOutSince(userId: string, atMs: number): boolean {
  return atMs <= Number(localStorage.getItem(SIGNED_OUT_PREFIX + userId) ?? 0)
}

export function saveDraft(userId: string, { sql, addressSql }: QueryDraft): void {
  try {
    if (sql === '' || sql.length > MAX_DRAFT_CHARS) sessionStorage.removeItem(DRAFT_KEY)
    else sessionStorage.setItem(DRAFT_KEY, JSON.stringify({ userId, sql, addressSql, savedAtMs: Date.now() }))
  } catch {
    // The browser's storage is full or blocked. The URL still has the text, if it is short enough.
  }
}

/** Removes the user's draft from this tab and, when they are opened next, from all other tabs. */
export function clearDrafts(userId: string): void {
  try {
    sessionStorage.removeItem(DRAFT_KEY)
    sessionStorage.removeItem(OPENED_QUERY_KEY)
    sessionStorage.removeItem(PARAMETERS_KEY)
    localStorage.setItem(SIGNED_OUT_PREFIX + userId, String(Date.now()))
  } catch {
    // The browser's storage is full or blocked, and then there is no draft in it.
  }
}

/** The stored text may come from another version of this page or from elsewhere. */
function parseDraft(text: string): z.output<typeof draft> | null {
  try {
    return draft.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
