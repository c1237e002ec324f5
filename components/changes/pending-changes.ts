'use client'
import { useCallback, useSyncExternalStore } from 'react'
import { type ChangeIntent, changeIntent } from '@/lib/contract/changes'
import { joinNamespace, type TableRef } from '@/lib/iceberg/identifiers'

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

const NONE: readonly ChangeIntent[] = []
const listeners = new Set<() => void>()
/** The parsed text beside the text it came from, so that a read gives the same array until something changes. */
const parsed = new Map<string, { text: string | null; intents: readonly ChangeIntent[] }>()

export function usePendingChanges(table: TableRef): PendingChanges {
  const slot = slotOf(table)
  const intents = useSyncExternalStore(
    subscribe,
    () => readSlot(slot),
    () => NONE,
  )
  const put = useCallback(
    (intent: ChangeIntent) => writeSlot(slot, [...readSlot(slot).filter(({ key }) => key !== intent.key), intent]),
    [slot],
  )
  const drop = useCallback(
    (key: string) =>
      writeSlot(
        slot,
        readSlot(slot).filter((intent) => intent.key !== key),
      ),
    [slot],
  )
  const clear = useCallback(() => writeSlot(slot, NONE), [slot])
  return { intents, put, drop, clear }
}

export function usePendingCount(table: TableRef): number {
  return usePendingChanges(table).intents.length
}

function slotOf({ catalog, namespace, table }: TableRef): string {
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

function readSlot(slot: string): readonly ChangeIntent[] {
  const text = localStorage.getItem(slot)
  const known = parsed.get(slot)
  if (known && known.text === text) return known.intents
  const intents = text === null ? NONE : intentsFromText(text)
  parsed.set(slot, { text, intents })
  return intents
}

/** What an older version of the console left there may not be an intent any more: it is not offered for commit. */
function intentsFromText(text: string): readonly ChangeIntent[] {
  const result = changeIntent.array().safeParse(JSON.parse(text))
  return result.success ? result.data : NONE
}

function writeSlot(slot: string, intents: readonly ChangeIntent[]): void {
  if (intents.length === 0) localStorage.removeItem(slot)
  else localStorage.setItem(slot, JSON.stringify(intents))
  for (const listener of listeners) listener()
}
