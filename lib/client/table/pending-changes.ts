'use client'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Intent } from '@/lib/changes/intents/intent'
import type { ChangeArea } from '@/lib/changes/intents/intent-description'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { sessionQuery } from '../session/session'
import { loadCode } from '@/lib/load-code'
import { randomKey } from '../call/idempotency-key'
import { createStoredList } from '../stored-list'
import { isRecord } from '@/lib/plain-json'

/**
 * Edits that the signed-in user has made to a table and not committed yet. They are in the browser's local storage
 * until the user signs out, so that they survive a reload and are the same in every tab.
 */
export type PendingChanges = {
  intents: readonly Intent[]
  /** The metadata file that the table had at the first of them; null while there is none, or if it is not known. */
  startedAt: string | null
  /**
   * Adds an intent, in the position of an earlier one with the same target, as soon as the code of intents is loaded.
   */
  put: (intent: Intent) => void
  /** Removes the intent with the target. */
  drop: (target: string) => void
  /**
   * Replaces all of them at once, as `put`: for an edit that several intents depend on.
   *
   * @param startedAt of changes that come back; by default the table as the page shows it, if there were none
   */
  update: (toNext: (intents: readonly Intent[]) => readonly Intent[], startedAt?: string | null) => void
  /** Removes all of them. The other tabs show the outcome. */
  clear: (outcome: PendingOutcome) => void
}

const PENDING_OUTCOMES = ['committed', 'proposed', 'discarded', 'removed'] as const

/** Why a table has no more pending changes; `removed`: the last of them was taken back. */
export type PendingOutcome = (typeof PENDING_OUTCOMES)[number]

/** The end of a table's pending changes, stored by the tab that ended them. */
export type PendingEnding = { endingId: string; tabId: string; outcome: PendingOutcome }

/** The members of an intent that every page of a table needs; its sentence is loaded when it is shown. */
type PendingChange = { target: string; area: ChangeArea; intent: Intent }

/**
 * `key` names the table by its UUID, because another table may take its name. `table` is the name that it had when the
 * changes were made, or has since a rename in this browser. `startedAt` is stored with them, because a page that is
 * loaded again shows a later state of the table. An entry without changes has their end instead.
 */
type Entry = {
  key: string
  table: string
  startedAt: string | null
  changes: readonly PendingChange[]
  ending: PendingEnding | null
}

const NO_CHANGES: readonly PendingChange[] = []
/** The newest endings are stored. An open tab reads each within moments. */
const MAX_ENDINGS = 10
/** The tab, until it is loaded again. */
const TAB_ID = typeof window === 'undefined' ? '' : randomKey()
/** Entries are checked without zod and the intents' code, which the page of a table does not load. The server checks all. */
const edits = createStoredList(toEntry)

/**
 * The changes follow the table when an engine renames it. While the user or the table is unknown there are none, and none
 * can be made.
 *
 * @param shown the table that has the name now, as the page shows it; null while it is unknown
 */
export function usePendingChanges(
  table: TableIdentifier,
  shown: { tableUuid: string; metadataLocation: string } | null,
): PendingChanges {
  const storageKey = usePendingKey()
  const entryKey = toEntryKey(table, shown?.tableUuid ?? null)
  const shownAt = shown?.metadataLocation ?? null
  const tableKey = toTableKey(table)
  const entry = entryOf(edits.useItems(storageKey), entryKey)
  const changes = entry?.changes ?? NO_CHANGES
  const intents = useMemo(() => changes.map(({ intent }) => intent), [changes])
  const write = useCallback(
    (
      toNext: (changes: readonly PendingChange[]) => readonly PendingChange[],
      { startedAt = shownAt, outcome = 'removed' }: WriteOptions = {},
    ) => {
      if (storageKey === null || entryKey === null) return
      const entries = edits.read(storageKey)
      const known = entryOf(entries, entryKey)
      const hadChanges = known !== null && known.changes.length > 0
      const changes = toNext(known?.changes ?? NO_CHANGES)
      const isEnd = changes.length === 0
      if (isEnd && !hadChanges) return
      const next = {
        key: entryKey,
        table: tableKey,
        startedAt: hadChanges ? known.startedAt : startedAt,
        changes,
        ending: isEnd ? { endingId: randomKey(), tabId: TAB_ID, outcome } : null,
      }
      edits.write(storageKey, withoutOldEndings([...entries.filter(({ key }) => key !== entryKey), next]))
    },
    [storageKey, entryKey, tableKey, shownAt],
  )
  const update = useCallback(
    (toNext: (intents: readonly Intent[]) => readonly Intent[], startedAt?: string | null) =>
      void loadCode(loadIntents).then(({ toPendingChange }) =>
        write((known) => toNext(known.map(({ intent }) => intent)).map(toPendingChange), { startedAt }),
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
  const clear = useCallback(
    (outcome: PendingOutcome) => void loadCode(loadIntents).then(() => write(() => NO_CHANGES, { outcome })),
    [write],
  )
  const startedAt = changes.length > 0 ? (entry?.startedAt ?? null) : null
  return { intents, startedAt, put, drop, update, clear }
}

type WriteOptions = { startedAt?: string | null | undefined; outcome?: PendingOutcome }

/** The end of the table's changes, if another tab has ended them and no tab has made one since. */
export function useEndingElsewhere(table: TableIdentifier, tableUuid: string | null): PendingEnding | null {
  const ending = entryOf(edits.useItems(usePendingKey()), toEntryKey(table, tableUuid))?.ending ?? null
  return ending === null || ending.tabId === TAB_ID ? null : ending
}

/** How many of a table's pending changes belong to each tab. */
export function usePendingCounts(table: TableIdentifier, tableUuid: string | null): ReadonlyMap<ChangeArea, number> {
  const changes = entryOf(edits.useItems(usePendingKey()), toEntryKey(table, tableUuid))?.changes ?? NO_CHANGES
  const counts = new Map<ChangeArea, number>()
  for (const { area } of changes) counts.set(area, (counts.get(area) ?? 0) + 1)
  return counts
}

/**
 * Changes for tables that had the name before, and were renamed, dropped or replaced elsewhere.
 *
 * @param tableUuid of the table that has the name now; null if none has
 */
export function useEarlierChanges(
  table: TableIdentifier,
  tableUuid: string | null,
): Pick<PendingChanges, 'intents'> & { clear: () => void } {
  const storageKey = usePendingKey()
  const entryKey = toEntryKey(table, tableUuid)
  const tableKey = toTableKey(table)
  const isEarlier = (entry: Entry) => entry.table === tableKey && entry.key !== entryKey
  const earlier = edits.useItems(storageKey).filter(isEarlier)
  return {
    intents: earlier.flatMap(({ changes }) => changes.map(({ intent }) => intent)),
    clear: () => {
      if (storageKey === null) return
      edits.write(
        storageKey,
        edits.read(storageKey).filter((entry) => !isEarlier(entry)),
      )
    },
  }
}

/** How many changes the signed-in user has not committed, in all tables. */
export function useTotalPendingCount(): number {
  return edits.useItems(usePendingKey()).reduce((count, { changes }) => count + changes.length, 0)
}

/** Gives the pending changes of a table its new name; null: removes the changes of a table that is gone. */
export function movePendingChanges(userId: string, from: TableIdentifier, to: TableIdentifier | null): void {
  const [storageKey, fromKey] = [toStorageKey(userId), toTableKey(from)]
  const entries = edits.read(storageKey)
  if (!entries.some(({ table }) => table === fromKey)) return
  const toMoved = (entry: Entry) => (to === null ? [] : [{ ...entry, table: toTableKey(to) }])
  edits.write(
    storageKey,
    entries.flatMap((entry) => (entry.table === fromKey ? toMoved(entry) : [entry])),
  )
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

/** A catalog may show a table of another one, which has its UUID, too. */
function toEntryKey({ catalog }: TableIdentifier, tableUuid: string | null): string | null {
  return tableUuid === null ? null : JSON.stringify([catalog, tableUuid])
}

function entryOf(entries: readonly Entry[], entryKey: string | null): Entry | null {
  return entries.find(({ key }) => key === entryKey) ?? null
}

function withoutOldEndings(entries: readonly Entry[]): readonly Entry[] {
  const ended = entries.filter(({ changes }) => changes.length === 0)
  const old = new Set(ended.slice(0, -MAX_ENDINGS))
  return entries.filter((entry) => !old.has(entry))
}

function toEntry(value: unknown): Entry | null {
  if (!isRecord(value)) return null
  const { key, table, startedAt, changes, ending } = value
  if (typeof key !== 'string' || typeof table !== 'string') return null
  if (!Array.isArray(changes) || !changes.every(isPendingChange)) return null
  return {
    key,
    table,
    startedAt: typeof startedAt === 'string' ? startedAt : null,
    changes,
    ending: changes.length === 0 ? toEnding(ending) : null,
  }
}

function toEnding(value: unknown): PendingEnding | null {
  if (!isRecord(value)) return null
  const { endingId, tabId } = value
  const outcome = PENDING_OUTCOMES.find((one) => one === value['outcome'])
  if (typeof endingId !== 'string' || typeof tabId !== 'string' || outcome === undefined) return null
  return { endingId, tabId, outcome }
}

function isPendingChange(value: unknown): value is PendingChange {
  if (!isRecord(value) || !isRecord(value.intent)) return false
  return typeof value.target === 'string' && typeof value.area === 'string' && typeof value.intent.kind === 'string'
}

function loadIntents() {
  return import('@/lib/changes/intents/pending-intents')
}
