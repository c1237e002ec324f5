import 'server-only'
import type { OpenTransactions } from '@/server/db/audit-receivers'

/**
 * Which entries can be forwarded in their order. PostgreSQL numbers entries before their transactions commit: a missing
 * number may still appear, or belong to a transaction that was rolled back. It is final once every transaction that was
 * open when it was first missed has ended.
 */
export class SettledEntries {
  /** Missing numbers up to this one can no longer appear. */
  #settledTo = 0
  #watch: { to: number; next: bigint } | null = null

  /**
   * How many of the entries, from the first one, can be forwarded.
   *
   * @param numbers of the entries after `position`, ascending; read before `open`
   * @param open null: numbers appear in their order
   */
  count(position: number, numbers: readonly number[], open: OpenTransactions | null): number {
    if (open === null) return numbers.length
    const gap = numbers.findIndex(
      (number, i) => number > this.#settledTo && number !== (numbers[i - 1] ?? position) + 1,
    )
    if (gap === -1) {
      this.#watch = null
      return numbers.length
    }
    if (this.#watch === null) this.#watch = { to: numbers[gap] ?? 0, next: open.next }
    else if (open.oldestOpen >= this.#watch.next) {
      // Missed entries are read again only with the next check.
      this.#settledTo = this.#watch.to
      this.#watch = null
    }
    return gap
  }
}
