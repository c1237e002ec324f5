import { type Amounts, addAmounts, MEASURES, ZERO } from '@/lib/facts/amounts'
import type { FactRow, FoldedVersion } from '@/lib/facts/fold-version'
import { effectOf, netOfTerms, type Term, toTerms } from '@/lib/facts/terms'
import { sumTerms } from './fact-collector'

const MAX_LEAD_MS = 5 * 60_000
const NEVER_NEGATIVE: readonly Term[] = ['came-in', 'removed', 'moved', 'replaced']
/** Sums of many smaller amounts are exact. */
const MAX_SUMMED = 2 ** 40

/** Checks the rules for the rows of any history, version by version. `faults` says what does not hold. */
export class HistoryChecks {
  readonly faults: string[] = []
  readonly #hasAll: boolean
  readonly #rows: FactRow[] = []
  readonly #totals: Amounts[] = [ZERO]
  #version = 0
  #lastAtMs = 0
  /** The version in which the table was last replaced or dropped, so that `main` had none of its commits. */
  #clearedIn = -1
  readonly #known = new Set<string>()
  /** Commits on `main`, with the version that brought them there. */
  readonly #onMain = new Map<string, number>()

  /** @param hasAll no snapshot expired between two readings, so no commit came to `main` or left it unread */
  constructor({ hasAll }: { hasAll: boolean }) {
    this.#hasAll = hasAll
  }

  add({ rows, events, state }: FoldedVersion, nowMs: number): void {
    this.#version += 1
    if (events.some(({ kind }) => ['replaced', 'dropped'].includes(kind))) this.#clearedIn = this.#version
    for (const row of rows) this.#addRow(row)
    this.#check(state.seq === this.#rows.length, 'the state has the number of the newest row')
    this.#check(isEqual(state.total, this.#totals.at(-1)), 'the total is the sum of the rows')
    const times = [...rows, ...events].map(({ atMs }) => atMs)
    this.#check(
      times.every((atMs) => atMs <= nowMs + MAX_LEAD_MS),
      'no time lies ahead',
    )
  }

  /** Total at the start + terms = total at the end, also for the rows after the first ones. */
  checkSums(firstCount: number): void {
    const start = firstCount % this.#totals.length
    const part = this.#rows.slice(start)
    const isSummable = part.every(({ added, removed }) =>
      [...Object.values(added), ...Object.values(removed)].every((amount) => (amount ?? 0) < MAX_SUMMED),
    )
    const end = addAmounts(this.#totals[start] ?? ZERO, netOfTerms(sumTerms(part)))
    this.#check(!isSummable || isEqual(end, this.#totals.at(-1)), 'the terms of a part of the rows are its change')
  }

  #addRow(row: FactRow): void {
    const terms = toTerms(row)
    this.#rows.push(row)
    const total = addAmounts(this.#totals.at(-1) ?? ZERO, effectOf(row))
    this.#totals.push(total)
    this.#check(row.seq === this.#rows.length, 'rows are numbered')
    this.#check(row.statedAtMs !== row.atMs, 'a stated time differs')
    this.#check(isEqual(netOfTerms(terms), effectOf(row)), 'the terms of a row are its effect')
    this.#check(Object.values(total).every(Number.isSafeInteger), 'totals are exact')
    const unsigned = NEVER_NEGATIVE.flatMap((term) => Object.values(terms[term] ?? ZERO))
    this.#check(
      unsigned.every((amount) => amount >= 0),
      'amounts are not negative',
    )
    if (row.kind === 'off-main') return
    this.#check(row.atMs >= this.#lastAtMs, 'times do not decrease')
    this.#lastAtMs = row.atMs
    if (row.snapshotId !== null) this.#addCommit(row.kind, row.snapshotId)
  }

  #addCommit(kind: FactRow['kind'], snapshotId: string): void {
    const enteredIn = this.#onMain.get(snapshotId)
    const isKnown = this.#known.has(snapshotId)
    const wasCleared = enteredIn !== undefined && enteredIn <= this.#clearedIn
    if (kind === 'commit') this.#check(!isKnown, `${snapshotId} came in once`)
    if (kind === 'put-back') {
      const isOff = enteredIn === undefined || wasCleared
      this.#check(isKnown && (isOff || !this.#hasAll), `${snapshotId} was taken back before it is put back`)
    }
    if (kind === 'taken-back') {
      const isUnread = !isKnown && !this.#hasAll
      this.#check(enteredIn !== undefined || isUnread, `${snapshotId} was on main before it is taken back`)
    }
    if (kind === 'taken-back') this.#onMain.delete(snapshotId)
    else this.#onMain.set(snapshotId, this.#version)
    this.#known.add(snapshotId)
  }

  #check(holds: boolean, rule: string): void {
    if (!holds) this.faults.push(`version ${this.#version}, row ${this.#rows.length}: ${rule}`)
  }
}

function isEqual(a: Amounts, b: Amounts | undefined): boolean {
  return MEASURES.every((measure) => a[measure] === b?.[measure])
}
