'use client'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Intent } from '@/lib/changes/intents/intent'
import type { ChangeArea } from '@/lib/changes/intents/intent-description'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { sessionQuery } from '../session/session'
import { loadCode } from '@/lib/load-code'
import { createStoredList } from '../stored-list'
import { isRecord } from '@/lib/plain-json'

/**
 * Edits that the signed-in user has made to a table and not committed yet. They are in the browser's local storage
 * until the user signs out, so that they survive a reload and are the same in every tab.
 */
export type PendingChanges = {
  intents: readonly Intent[]
  /**
   * Adds an intent, in the position of an earlier one with the same target, as soon as the code of intents is loaded.
   */
  put: (intent: Intent) => void
  /** Removes the intent with the target. */
  drop: (target: string) => void
  /** Replaces all of them at once, as `put`: for an edit that several intents depend on. */
  update: (toNext: (intents: readonly Intent[]) => readonly Intent[]) => void
  clear: () => void
}

/** The members of an intent that every page of a table needs; its sentence is loaded when it is shown. */
type PendingChange = { target: string; area: ChangeArea; intent: Intent }

type Entry = { table: string; changes: readonly PendingChange[] }

const NO_CHANGES: readonly PendingChange[] = []
/** Entries are checked without zod and the intents' code, which the page of a table does not load. The server checks all. */
const edits = createStoredList((value) => (isEntry(value) ? value : null))

/** While the user is unknown there are no changes, and none can be made. */
export function usePendingChanges(table: TableIdentifier): PendingChanges {
  const storageKey = usePendingKey()
  const tableKey = toTableKey(table)
  const changes = changesOf(edits.useItems(storageKey), tableKey)
  const intents = useMemo(() => changes.map(({ intent }) => intent), [changes])
  const write = useCallback(
    (toNext: (changes: readonly PendingChange[]) => readonly PendingChange[]) => {
      if (storageKey === null) return
      const entries = edits.read(storageKey)
      const next = { table: tableKey, changes: toNext(changesOf(entries, tableKey)) }
      const others = entries.filter((entry) => entry.table !== tableKey)
      edits.write(storageKey, next.changes.length === 0 ? others : [...others, next])
    },
    [storageKey, tableKey],
  )
  const update = useCallback(
    (toNext: (intents: readonly Intent[]) => readonly Intent[]) =>
      void loadCode(loadIntents).then(({ toPendingChange }) =>
        write((known) => toNext(known.map(({ intent }) => intent)).map(toPendingChange)),
      ),
    [write],
  )
  const put = useCallback(
    (intent: Intent) =>
      void loadCode(loadIntents).then(({ putIntent, toPendingChange }) =>
        write((known) =>
          putIntent(
            known.map((change) => change.intent),
            intent,
          ).map(toPendingChange),
        ),
      ),
    [write],
  )
  // They wait for the code, too: an earlier edit that does must not come after them.
  const drop = useCallback(
    (target: string) =>
      void loadCode(loadIntents).then(() => write((known) => known.filter((change) => change.target !== target))),
    [write],
  )
  const clear = useCallback(() => void loadCode(loadIntents).then(() => write(() => NO_CHANGES)), [write])
  return { intents, put, drop, update, clear }
}

/** How many of a table's pending changes belong to each tab. */
export function usePendingCounts(table: TableIdentifier): ReadonlyMap<ChangeArea, number> {
  const changes = changesOf(edits.useItems(usePendingKey()), toTableKey(table))
  const counts = new Map<ChangeArea, number>()
  for (const { area } of changes) counts.set(area, (counts.get(area) ?? 0) + 1)
  return counts
}

/** How many changes the signed-in user has not committed, in all tables. */
export function useTotalPendingCount(): number {
  return edits.useItems(usePendingKey()).reduce((count, { changes }) => count + changes.length, 0)
}

/** Moves the pending changes of a table to its new name; null: removes the changes of a table that is gone. */
export function movePendingChanges(userId: string, from: TableIdentifier, to: TableIdentifier | null): void {
  const [storageKey, fromKey] = [toStorageKey(userId), toTableKey(from)]
  const entries = edits.read(storageKey)
  const moved = entries.find(({ table }) => table === fromKey)
  if (moved === undefined) return
  const toKey = to && toTableKey(to)
  const others = entries.filter(({ table }) => table !== fromKey && table !== toKey)
  edits.write(storageKey, toKey === null ? others : [...others, { ...moved, table: toKey }])
}

/** Removes a user's pending changes from this browser. */
export function clearPendingChanges(userId: string): void {
  edits.write(toStorageKey(userId), [])
}

function usePendingKey(): string | null {
  const { data: session } = useQuery(sessionQuery())
  return session === undefined ? null : toStorageKey(session.userId)
}

function toStorageKey(userId: string): string {
  return `lakeshore.pending.${userId}`
}

function toTableKey({ catalog, namespace, table }: TableIdentifier): string {
  return JSON.stringify([catalog, joinNamespace(namespace), table])
}

function changesOf(entries: readonly Entry[], tableKey: string): readonly PendingChange[] {
  return entries.find(({ table }) => table === tableKey)?.changes ?? NO_CHANGES
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || typeof value.table !== 'string') return false
  return Array.isArray(value.changes) && value.changes.every(isPendingChange)
}

function isPendingChange(value: unknown): value is PendingChange {
  if (!isRecord(value) || !isRecord(value.intent)) return false
  return typeof value.target === 'string' && typeof value.area === 'string' && typeof value.intent.kind === 'string'
}

function loadIntents() {
  return import('@/lib/changes/intents/pending-intents')
}
