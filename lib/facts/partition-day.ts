import type { Term } from './terms'
import { addPartitionAmounts, isZeroAmounts, NO_AMOUNTS, type PartitionAmounts } from './partition-terms'

/** The sums of one term of one partition on a day. `unread`: the facts among them whose partitions are not known. */
export type PartitionSum = PartitionAmounts & { partition: string; term: Term; unread: number }

/** All partitions without a name of their own, and what is not known by partition. */
export const OTHER_PARTITIONS = ''

/** More partitions of a day are combined into one. */
export const MAX_NAMED_PARTITIONS = 20

/** The sums of a table on one day, by partition and term. */
export class PartitionDay {
  readonly #sums = new Map<string, PartitionSum>()

  add(sums: Iterable<PartitionSum>): void {
    for (const sum of sums) {
      const key = JSON.stringify([sum.partition, sum.term])
      const known = this.#sums.get(key)
      const amounts = addPartitionAmounts(known ?? NO_AMOUNTS, sum)
      this.#sums.set(key, { ...sum, ...amounts, unread: sum.unread + (known?.unread ?? 0) })
    }
  }

  /** The sums of the partitions that moved most by rows, and of all others together. Those without an amount are left out. */
  toSums(): PartitionSum[] {
    const named = Map.groupBy(this.#sums.values(), ({ partition }) => partition)
    named.delete(OTHER_PARTITIONS)
    const largestFirst = [...named]
      .map(([partition, sums]) => ({ partition, ...movementOf(sums) }))
      .sort((a, b) => b.rows - a.rows || b.bytes - a.bytes || (a.partition < b.partition ? -1 : 1))
    const small = new Set(largestFirst.slice(MAX_NAMED_PARTITIONS).map(({ partition }) => partition))
    const folded = new PartitionDay()
    for (const sum of this.#sums.values())
      folded.add([small.has(sum.partition) ? { ...sum, partition: OTHER_PARTITIONS } : sum])
    return [...folded.#sums.values()].filter((sum) => !isZeroAmounts(sum) || sum.unread > 0)
  }
}

function movementOf(sums: readonly PartitionAmounts[]): { rows: number; bytes: number } {
  let [rows, bytes] = [0, 0]
  for (const sum of sums) {
    rows += Math.abs(sum.rows)
    bytes += Math.abs(sum.bytes)
  }
  return { rows, bytes }
}
