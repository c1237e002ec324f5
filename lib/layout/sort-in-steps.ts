const STEP = 4_096

/** Sorts as `toSorted` does, a few thousand comparisons at a time. */
export function* sortInSteps<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Generator<void, Item[], void> {
  let from = items.slice()
  let steps = 0
  for (let width = 1; width < from.length; width *= 2) {
    const to: Item[] = []
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      for (let left = start, right = middle; left < middle || right < end; ) {
        const takesLeft = right >= end || (left < middle && compare(from[left] as Item, from[right] as Item) <= 0)
        to.push(from[takesLeft ? left++ : right++] as Item)
        steps += 1
        if (steps % STEP === 0) yield
      }
    }
    from = to
  }
  return from
}
