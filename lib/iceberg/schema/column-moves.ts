import { childFields } from './child-fields'
import { indexFields } from './schema'
import type { NestedField, Schema } from './types'

/** A column that is in another position among its siblings: the sibling that it follows on each side, null if it is first. */
export type ColumnMove = { fieldId: number; before: string | null; after: string | null }

/**
 * The fewest moves that lead from the order of one schema to that of another, at every depth. Columns that only one of
 * them has do not count.
 *
 * @param movedIds columns that are known to have been moved. When two neighbours are swapped, either can be the moved one
 */
export function findColumnMoves(
  before: Pick<Schema, 'fields'>,
  after: Pick<Schema, 'fields'>,
  movedIds: ReadonlySet<number> = new Set(),
): ColumnMove[] {
  const oldFields = indexFields(before)
  const moves = siblingMoves(before.fields, after.fields, movedIds)
  for (const [fieldId, { field }] of indexFields(after)) {
    const old = oldFields.get(fieldId)
    if (old) moves.push(...siblingMoves(childFields(old.field.type), childFields(field.type), movedIds))
  }
  return moves
}

function siblingMoves(
  before: readonly NestedField[],
  after: readonly NestedField[],
  movedIds: ReadonlySet<number>,
): ColumnMove[] {
  const [oldIndexes, newIndexes] = [before, after].map((siblings) => new Map(siblings.map(({ id }, i) => [id, i])))
  const shared = after.filter(({ id }) => oldIndexes?.has(id))
  const order = shared.map(({ id }) => oldIndexes?.get(id) ?? 0)
  if (order.every((index, i) => i === 0 || index > (order[i - 1] ?? 0))) return []
  const isHinted = (i: number) => movedIds.has(shared[i]?.id ?? -1)
  const others = [...order.keys()].filter((i) => !isHinted(i))
  const inOrder = longestIncreasing(others.map((i) => order[i] ?? 0))
  const unmoved = new Set(others.filter((_, i) => inOrder.has(i)))
  for (const i of order.keys()) if (isHinted(i) && isInOrder(i, unmoved, order)) unmoved.add(i)
  const unmovedIds = new Set([...unmoved].map((i) => shared[i]?.id))
  return shared.flatMap(({ id }, i): ColumnMove[] => {
    if (unmoved.has(i)) return []
    const [oldIndex, newIndex] = [oldIndexes?.get(id) ?? 0, newIndexes?.get(id) ?? 0]
    const follows = { before: before[oldIndex - 1], after: after[newIndex - 1] }
    if (follows.before?.id !== follows.after?.id)
      return [{ fieldId: id, before: follows.before?.name ?? null, after: follows.after?.name ?? null }]
    // It moved together with the sibling before it: the nearest one that did not move tells the positions apart.
    const nearest = (siblings: readonly NestedField[], end: number) =>
      siblings.slice(0, end).findLast((sibling) => unmovedIds.has(sibling.id))?.name ?? null
    return [{ fieldId: id, before: nearest(before, oldIndex), after: nearest(after, newIndex) }]
  })
}

/** Whether an index has the same order with all of those in `unmoved` on both sides. */
function isInOrder(index: number, unmoved: ReadonlySet<number>, order: readonly number[]): boolean {
  const value = order[index] ?? 0
  return [...unmoved].every((other) => other < index === (order[other] ?? 0) < value)
}

/** The indexes of a longest subsequence that increases. */
export function longestIncreasing(values: readonly number[]): Set<number> {
  const tails: number[] = []
  const previous: number[] = []
  for (const [i, value] of values.entries()) {
    let [low, high] = [0, tails.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1
      else high = middle
    }
    previous[i] = tails[low - 1] ?? -1
    tails[low] = i
  }
  const found = new Set<number>()
  for (let i = tails.at(-1) ?? -1; i >= 0; i = previous[i] ?? -1) found.add(i)
  return found
}
