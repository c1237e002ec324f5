'use client'
import { useCallback, useSyncExternalStore } from 'react'
import type { ChangeIntent } from '@/lib/contract/changes'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'

/**
 * Edits of a table that are not committed yet. They are in the browser's local storage, so that they survive a reload
 * and are the same in every tab.
 */
export type PendingChanges = {
  intents: readonly ChangeIntent[]
  /** Adds an intent, and replaces an earlier one with the same key. */
  put: (intent: ChangeIntent) => void
  /** Removes the intent with the key. */
  drop: (key: string) => void
  clear: () => void
}

const NO_INTENTS: readonly ChangeIntent[] = []
const listeners = new Set<() => void>()
/** Parsed intents with the text they came from, so that reads return the same array until the text changes. */
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

/** Text that an older version of the console stored may no longer be valid. It is ignored. */
function parseIntents(text: string): readonly ChangeIntent[] {
  const stored: unknown = JSON.parse(text)
  return Array.isArray(stored) && stored.every(isIntent) ? stored : NO_INTENTS
}

/** The shape of the contract, without zod, which the page of a table does not load. The server checks the lengths. */
function isIntent(value: unknown): value is ChangeIntent {
  if (typeof value !== 'object' || value === null) return false
  const intent: Partial<Record<string, unknown>> = value
  if (typeof intent['key'] !== 'string' || (intent['base'] !== null && typeof intent['base'] !== 'string')) return false
  return (
    intent['kind'] === 'remove-property' || (intent['kind'] === 'set-property' && typeof intent['value'] === 'string')
  )
}

function writeIntents(storageKey: string, intents: readonly ChangeIntent[]): void {
  if (intents.length === 0) localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, JSON.stringify(intents))
  for (const listener of listeners) listener()
}
