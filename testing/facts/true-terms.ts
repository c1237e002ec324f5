import type { Term } from '@/lib/facts/terms'
import type { TableModel } from './table-model'
import { moveOf, restoredVersion, type TableStep } from './table-steps'

/** Sums of rows by the commits of the model, independent of metadata. */
export class TrueTerms {
  readonly #table: TableModel
  readonly #sums = new Map<Term, number>()
  readonly #entered = new Set<string>()

  constructor(table: TableModel) {
    this.#table = table
  }

  /** Whether all commits between `main` and where a step moves it are alive before or after the step. */
  canMove(step: TableStep): boolean {
    const toId = moveOf(this.#table, step)
    if (toId === null) return true
    const { snapshots, currentSnapshotId } = this.#table.metadata
    const alive = [...snapshots, ...(restoredVersion(this.#table, step)?.snapshots ?? [])]
    const ids = new Set(alive.map(({ snapshotId }) => snapshotId))
    const { left, entered } = this.#linesBetween(currentSnapshotId, toId)
    return [...left, ...entered].every((id) => ids.has(id))
  }

  /** @param fromId where `main` was before the step */
  add(fromId: string | null, kind: TableStep['kind']): void {
    const toId = this.#table.metadata.currentSnapshotId
    if (kind === 'drop') {
      this.#add('removed', this.#table.total.rows)
      this.#add('put-back', this.#table.total.rows)
    }
    const { left, entered } = this.#linesBetween(fromId, toId)
    if (toId === null || kind === 'replace-table') this.#add('removed', this.#table.totalAt(fromId).rows)
    else for (const id of left) this.#add('taken-back', this.#netOf(id))
    for (const id of entered) this.#enter(id)
  }

  sums(): Partial<Record<Term, number>> {
    return Object.fromEntries([...this.#sums].filter(([, sum]) => sum !== 0))
  }

  #linesBetween(fromId: string | null, toId: string | null): { left: string[]; entered: string[] } {
    const [from, to] = [this.#table.lineOf(fromId), this.#table.lineOf(toId)]
    return { left: from.filter((id) => !to.includes(id)), entered: to.filter((id) => !from.includes(id)) }
  }

  #enter(id: string): void {
    if (this.#entered.has(id)) return this.#add('put-back', this.#netOf(id))
    this.#entered.add(id)
    const { operation, added, removed } = this.#table.commitOf(id)
    const both = Math.min(added.rows, removed.rows)
    this.#add(operation === 'replace' ? 'moved' : 'replaced', both)
    this.#add('came-in', added.rows - both)
    this.#add('removed', removed.rows - both)
  }

  #netOf(id: string): number {
    const { added, removed } = this.#table.commitOf(id)
    return added.rows - removed.rows
  }

  #add(term: Term, rows: number): void {
    this.#sums.set(term, (this.#sums.get(term) ?? 0) + rows)
  }
}
