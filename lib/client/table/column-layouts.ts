import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { createStoredList } from '../stored-list'
import { isRecord } from '@/lib/plain-json'

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
  const storageKey = storageKeyOf(userId)
  const layout = layouts.useItems(storageKey).find((known) => known.table === tableKey)?.layout ?? NO_LAYOUT
  return [layout, (next) => writeLayout(storageKey, { table: tableKey, layout: next }, userId !== null)]
}

/** Removes all layouts of a user from this browser. */
export function clearColumnLayouts(userId: string): void {
  layouts.write(storageKeyOf(userId), [])
}

function storageKeyOf(userId: string | null): string {
  return `lakeshore.columns.${userId ?? ''}`
}

/** Entries are checked without zod, which the page does not wait for. */
const layouts = createStoredList((value) => (isEntry(value) ? value : null))

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || typeof value.table !== 'string' || !isRecord(value.layout)) return false
  const { order, pinned, hidden, widths } = value.layout
  return [order, pinned, hidden].every(isTextList) && isRecord(widths) && Object.values(widths).every(isWidth)
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isWidth(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

function writeLayout(storageKey: string, changed: Entry, isKnownUser: boolean): void {
  const others = layouts.read(storageKey).filter(({ table }) => table !== changed.table)
  const isDefault = JSON.stringify(changed.layout) === JSON.stringify(NO_LAYOUT)
  const entries = isDefault ? others : [changed, ...others].slice(0, MAX_LAYOUTS)
  const isStored = isKnownUser && JSON.stringify(changed.layout).length <= MAX_LAYOUT_CHARS
  layouts.write(storageKey, entries, { isStored })
}
