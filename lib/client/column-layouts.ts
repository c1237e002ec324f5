import { useSyncExternalStore } from 'react'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'

/** Columns by field id, as text: their order, which are pinned or hidden, and chosen widths in pixels. */
export type ColumnLayoutChoice = Readonly<{
  order: readonly string[]
  pinned: readonly string[]
  hidden: readonly string[]
  widths: Readonly<Record<string, number>>
}>

type Entry = { table: string; layout: ColumnLayoutChoice }

/** Layouts of older tables are forgotten first. */
export const MAX_LAYOUTS = 100
/** A longer layout is used, but not stored. */
const MAX_LAYOUT_CHARS = 20_000
const NO_LAYOUT: ColumnLayoutChoice = { order: [], pinned: [], hidden: [], widths: {} }

/**
 * The column layout that one user chose for a table in this browser. At most {@link MAX_LAYOUTS} are stored.
 *
 * @param userId null while the user is unknown: then the layout is not stored
 */
export function useColumnLayout(
  userId: string | null,
  table: TableIdentifier,
): readonly [ColumnLayoutChoice, (layout: ColumnLayoutChoice) => void] {
  const tableKey = JSON.stringify([table.catalog, joinNamespace(table.namespace), table.table])
  const storageKey = `lakeshore.columns.${userId ?? ''}`
  const layout = useSyncExternalStore(
    subscribe,
    () => readEntries(storageKey).find((known) => known.table === tableKey)?.layout ?? NO_LAYOUT,
    () => NO_LAYOUT,
  )
  return [layout, (next) => writeLayout(storageKey, { table: tableKey, layout: next }, userId !== null)]
}

const listeners = new Set<() => void>()
/** What was read or written last, by storage key: the same text must be the same list, as React requires of a store. */
const cache = new Map<string, { text: string | null; entries: readonly Entry[] }>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

function readEntries(storageKey: string): readonly Entry[] {
  const text = localStorage.getItem(storageKey)
  const cached = cache.get(storageKey)
  if (cached?.text === text) return cached.entries
  const entries = text === null ? [] : parseEntries(text)
  cache.set(storageKey, { text, entries })
  return entries
}

/**
 * Text that another version of the console stored may not be valid: such entries are left out. They are checked without
 * zod, which the page does not wait for.
 */
function parseEntries(text: string): readonly Entry[] {
  try {
    const stored: unknown = JSON.parse(text)
    return Array.isArray(stored) ? stored.filter(isEntry) : []
  } catch {
    return []
  }
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || typeof value.table !== 'string' || !isRecord(value.layout)) return false
  const { order, pinned, hidden, widths } = value.layout
  return [order, pinned, hidden].every(isTextList) && isRecord(widths) && Object.values(widths).every(isWidth)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isWidth(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function writeLayout(storageKey: string, changed: Entry, isStored: boolean): void {
  const others = readEntries(storageKey).filter(({ table }) => table !== changed.table)
  const isDefault = JSON.stringify(changed.layout) === JSON.stringify(NO_LAYOUT)
  const entries = isDefault ? others : [changed, ...others].slice(0, MAX_LAYOUTS)
  try {
    if (isStored && JSON.stringify(changed.layout).length <= MAX_LAYOUT_CHARS)
      localStorage.setItem(storageKey, JSON.stringify(entries))
  } catch {
    // The browser's storage is full or blocked. The layout then holds until the page is left.
  }
  cache.set(storageKey, { text: localStorage.getItem(storageKey), entries })
  for (const listener of listeners) listener()
}
