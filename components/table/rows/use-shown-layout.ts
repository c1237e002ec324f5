import { useEffect, useEffectEvent, useMemo } from 'react'
import { type ColumnLayout, NO_LAYOUT } from '@/components/ui/grid/column-layout'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { shortOrder } from './columns/column-arrangement'
import type { RowsAddress } from './use-rows-address'

/**
 * The layout of the grid: the one in the address, otherwise the user's last one. The latter is then written to the
 * address, too, so that a copied link shows the same.
 *
 * @param onLayoutChange gets the user's changes; the rest of another person's link is not this user's layout
 */
export function useShownLayout({
  fields,
  layout,
  onLayoutChange,
  address: { columns, setColumns },
}: {
  fields: readonly NestedField[]
  layout: ColumnLayout
  onLayoutChange: (layout: ColumnLayout) => void
  address: Pick<RowsAddress, 'columns' | 'setColumns'>
}): readonly [ColumnLayout, (layout: ColumnLayout) => void] {
  // As text: the address is parsed on every render, and the grid is drawn again when the layout is another object.
  const text = JSON.stringify(knownColumns(fields, columns ?? layout))
  const shown = useMemo(() => JSON.parse(text) as ColumnLayout, [text])
  const change = (changed: ColumnLayout) => {
    const next = changed === NO_LAYOUT ? changed : { ...changed, order: shortOrder(fields, changed.order) }
    onLayoutChange(next === NO_LAYOUT ? next : changedParts(layout, shown, next))
    setColumns(next)
  }
  const isAddressComplete = columns !== null || isDefaultLayout(shown)
  const completeAddress = useEffectEvent(() => setColumns(shown))
  useEffect(() => {
    if (!isAddressComplete) completeAddress()
  }, [isAddressComplete])
  return [shown, change]
}

export function isDefaultLayout({ order, pinned, hidden, widths }: ColumnLayout): boolean {
  return order.length + pinned.length + hidden.length + Object.keys(widths).length === 0
}

function knownColumns(fields: readonly NestedField[], { order, pinned, hidden, widths }: ColumnLayout): ColumnLayout {
  const keys = new Set(fields.map(({ id }) => String(id)))
  const known = (list: readonly string[]) => [...new Set(list)].filter((key) => keys.has(key))
  return {
    order: known(order),
    pinned: known(pinned),
    hidden: known(hidden),
    widths: Object.fromEntries(Object.entries(widths).filter(([key]) => keys.has(key))),
  }
}

function changedParts(own: ColumnLayout, before: ColumnLayout, after: ColumnLayout): ColumnLayout {
  const isSame = (part: keyof ColumnLayout) => JSON.stringify(before[part]) === JSON.stringify(after[part])
  return {
    order: isSame('order') ? own.order : after.order,
    pinned: isSame('pinned') ? own.pinned : after.pinned,
    hidden: isSame('hidden') ? own.hidden : after.hidden,
    widths: isSame('widths') ? own.widths : after.widths,
  }
}
