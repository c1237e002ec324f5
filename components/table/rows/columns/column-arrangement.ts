import type { ColumnLayout } from '@/components/ui/grid/column-layout'
import type { NestedField } from '@/lib/iceberg/schema/types'

type Arrangement = Pick<ColumnLayout, 'order' | 'pinned'>

/** All columns in grid order, including hidden ones: pinned columns first, then those of `order`. */
export function arrangeColumns<Field extends Pick<NestedField, 'id'>>(
  fields: readonly Field[],
  { order, pinned }: Arrangement,
): Field[] {
  const rest = new Map(fields.map((field) => [String(field.id), field]))
  const arranged: Field[] = []
  for (const key of [...pinned, ...order]) {
    const field = rest.get(key)
    if (field === undefined) continue
    arranged.push(field)
    rest.delete(key)
  }
  return [...arranged, ...rest.values()]
}

/**
 * Moves a column before the one at `index` of {@link arrangeColumns}, or to the end. A column dropped among pinned ones
 * is pinned; a pinned one stays pinned directly behind the last of them.
 */
export function moveColumn(
  fields: readonly Pick<NestedField, 'id'>[],
  layout: Arrangement,
  columnKey: string,
  index: number,
): Arrangement {
  const keys = arrangeColumns(fields, layout).map(({ id }) => String(id))
  const from = keys.indexOf(columnKey)
  if (from < 0) return layout
  const others = keys.toSpliced(from, 1)
  const to = Math.max(0, Math.min(others.length, index > from ? index - 1 : index))
  const pinned = new Set(layout.pinned.filter((key) => key !== columnKey))
  const isBehindPinned = to > 0 && pinned.has(others[to - 1] ?? '')
  const wasPinned = layout.pinned.includes(columnKey)
  if (pinned.has(others[to] ?? '') || (wasPinned && (isBehindPinned || (pinned.size === 0 && to === 0)))) {
    pinned.add(columnKey)
  }
  const order = others.toSpliced(to, 0, columnKey)
  return { order: shortOrder(fields, order), pinned: order.filter((key) => pinned.has(key)) }
}

/** Pins a column as the last of the pinned ones, or no longer. */
export function pinColumn({ pinned }: Pick<ColumnLayout, 'pinned'>, columnKey: string): Pick<ColumnLayout, 'pinned'> {
  return { pinned: pinned.includes(columnKey) ? pinned.filter((key) => key !== columnKey) : [...pinned, columnKey] }
}

/** The order without its end, as far as the columns follow in that order anyway: a short order is a short link. */
export function shortOrder(fields: readonly Pick<NestedField, 'id'>[], order: readonly string[]): string[] {
  const keys = arrangeColumns(fields, { order, pinned: [] }).map(({ id }) => String(id))
  const positions = new Map(fields.map(({ id }, i) => [String(id), i]))
  const positionAt = (index: number) => positions.get(keys[index] ?? '') ?? Number.POSITIVE_INFINITY
  let retained = keys.length
  while (retained > 0 && positionAt(retained - 1) <= positionAt(retained)) retained--
  return keys.slice(0, retained)
}
