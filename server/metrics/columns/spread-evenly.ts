import 'server-only'

/** At most `count` of the items, in their order and evenly spread. The same items always give the same choice. */
export function spreadEvenly<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items]
  const step = items.length / count
  return Array.from({ length: count }, (_, i) => items[Math.floor((i + 0.5) * step)]).filter(
    (item) => item !== undefined,
  )
}
