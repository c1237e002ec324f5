'use client'
import { useCallback, useSyncExternalStore } from 'react'
import { type ChangeIntent, changeIntent } from '@/lib/contract/changes'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'

/**
 * What was edited and not committed, per table. It is kept in the browser's local storage, so that it survives a
 * reload and is the same in every tab of the browser.
 */
export type PendingChanges = {
  intents: readonly ChangeIntent[]
  /** Adds an intent, in place of an earlier one about the same thing. */
  put: (intent: ChangeIntent) => void
  /** Takes back what was pending about a thing. */
  drop: (key: string) => void
  clear: () => void
}

const NO_INTENTS: readonly ChangeIntent[] = []
const listeners = new Set<() => void>()
/** The parsed text beside the text it came from, so that a read gives the same array until something changes. */
const parseCache = new Map<string, { text: string | null; intents: readonly ChangeIntent[] }>()

export function usePendingChanges(table: TableIdentifier): PendingChanges {
  const storageKey = toStorageKey(table)
  const intents = useSyncExternalStore(
    subscribe,
    () => readIntents(storageKey),
    () => NO_INTENTS,
  )
  const put = useCallback(
    (intent: ChangeIntent) =>
      writeIntents(storageKey, [...readIntents(storageKey).filter(({ key }) => key !== intent.key), intent]),
    [storageKey],
  )
  const drop = useCallback(
    (key: string) =>
      writeIntents(
        storageKey,
        readIntents(storageKey).filter((intent) => intent.key !== key),
      ),
    [storageKey],
  )
  const clear = useCallback(() => writeIntents(storageKey, NO_INTENTS), [storageKey])
  return { intents, put, drop, clear }
}

export function usePendingCount(table: TableIdentifier): number {
  return usePendingChanges(table).intents.length
}

function toStorageKey({ catalog, namespace, table }: TableIdentifier): string {
  return `lakeshore.pending ${JSON.stringify([catalog, joinNamespace(namespace), table])}`
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

function readIntents(storageKey: string): readonly ChangeIntent[] {
  const text = localStorage.getItem(storageKey)
  const cached = parseCache.get(storageKey)
  if (cached && cached.text === text) return cached.intents
  const intents = text === null ? NO_INTENTS : parseIntents(text)
  parseCache.set(storageKey, { text, intents })
  return intents
}

/** What an older version of the console left there may not be an intent any more: it is not offered for commit. */
function parseIntents(text: string): readonly ChangeIntent[] {
  const result = changeIntent.array().safeParse(JSON.parse(text))
  return result.success ? result.data : NO_INTENTS
}

function writeIntents(storageKey: string, intents: readonly ChangeIntent[]): void {
  if (intents.length === 0) localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, JSON.stringify(intents))
  for (const listener of listeners) listener()
}
