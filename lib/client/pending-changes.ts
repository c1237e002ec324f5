'use client'
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { INTENT_KINDS, type Intent, intentArea, intentTarget, intentWords } from '@/lib/iceberg/intents/intent'
import type { ChangeArea } from '@/lib/iceberg/intents/intent-kind'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { sessionQuery } from './session/session'
import { createStoredList } from './stored-list'

/**
 * Edits that the signed-in user has made to a table and not committed yet. They are in the browser's local storage
 * until the user signs out, so that they survive a reload and are the same in every tab.
 */
export type PendingChanges = {
  intents: readonly Intent[]
  /** Adds an intent, in the place of an earlier one with the same target. */
  put: (intent: Intent) => void
  /** Removes the intent with the target. */
  drop: (target: string) => void
  /** Replaces all of them at once: for an edit that several intents depend on. */
  update: (toNext: (intents: readonly Intent[]) => readonly Intent[]) => void
  clear: () => void
}

type Entry = { table: string; intents: readonly Intent[] }

const NO_INTENTS: readonly Intent[] = []
/** Before 0.2.0, keys named the table and not the user, so these changes are nobody's: they are not read. */
const FORMER_KEY_PREFIX = 'lakeshore.pending ['
/** Entries are checked without zod, which the page of a table does not load. The server checks the lengths. */
const edits = createStoredList((value) => (isEntry(value) ? value : null))

/** While the user is unknown there are no changes, and none can be made. */
export function usePendingChanges(table: TableIdentifier): PendingChanges {
  const storageKey = usePendingKey()
  const tableKey = JSON.stringify([table.catalog, joinNamespace(table.namespace), table.table])
  const intents = intentsOf(edits.useItems(storageKey), tableKey)
  const update = useCallback(
    (toNext: (intents: readonly Intent[]) => readonly Intent[]) => {
      if (storageKey === null) return
      const entries = edits.read(storageKey)
      const next = { table: tableKey, intents: toNext(intentsOf(entries, tableKey)) }
      const others = entries.filter((entry) => entry.table !== tableKey)
      edits.write(storageKey, next.intents.length === 0 ? others : [...others, next])
    },
    [storageKey, tableKey],
  )
  const put = useCallback((intent: Intent) => update((known) => putIntent(known, intent)), [update])
  const drop = useCallback(
    (target: string) => update((known) => known.filter((intent) => intentTarget(intent) !== target)),
    [update],
  )
  const clear = useCallback(() => update(() => NO_INTENTS), [update])
  return { intents, put, drop, update, clear }
}

/** How many of a table's pending changes belong to each tab. */
export function usePendingCounts(table: TableIdentifier): ReadonlyMap<ChangeArea, number> {
  const { intents } = usePendingChanges(table)
  const counts = new Map<ChangeArea, number>()
  for (const intent of intents) counts.set(intentArea(intent), (counts.get(intentArea(intent)) ?? 0) + 1)
  return counts
}

/** How many changes the signed-in user has not committed, in all tables. */
export function useTotalPendingCount(): number {
  return edits.useItems(usePendingKey()).reduce((count, { intents }) => count + intents.length, 0)
}

/** Removes a user's pending changes from this browser, and those of earlier versions, which name no user. */
export function clearPendingChanges(userId: string): void {
  edits.write(toStorageKey(userId), [])
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(FORMER_KEY_PREFIX)) localStorage.removeItem(key)
  } catch {
    // The browser's storage is blocked, and then there is nothing in it.
  }
}

function usePendingKey(): string | null {
  const { data: session } = useQuery(sessionQuery())
  return session === undefined ? null : toStorageKey(session.userId)
}

function toStorageKey(userId: string): string {
  return `lakeshore.pending.${userId}`
}

function intentsOf(entries: readonly Entry[], tableKey: string): readonly Intent[] {
  return entries.find(({ table }) => table === tableKey)?.intents ?? NO_INTENTS
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || typeof value.table !== 'string') return false
  return Array.isArray(value.intents) && value.intents.every(isIntent)
}

function putIntent(known: readonly Intent[], intent: Intent): readonly Intent[] {
  const target = intentTarget(intent)
  const index = known.findIndex((one) => intentTarget(one) === target)
  return index < 0 ? [...known, intent] : known.with(index, intent)
}

/** Without zod, which the page of a table does not load: a kind that is known, and words that can be said. */
function isIntent(value: unknown): value is Intent {
  if (!isRecord(value) || !INTENT_KINDS.some((kind) => kind === value.kind)) return false
  try {
    return intentWords(value as Intent).every(isWord)
  } catch {
    return false
  }
}

function isWord(part: unknown): boolean {
  if (!isRecord(part)) return typeof part === 'string'
  return typeof part.name === 'string' || part.value === null || typeof part.value === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
