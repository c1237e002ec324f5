import type { Term } from '@/lib/facts/terms'

/** A table as the rows that it has, by their numbers, and what each step of a year did to those of `main`. */

/** `ofDrop`: the table was dropped or restored. */
export type RowTerm = { atMs: number; term: Term; rows: number; ofDrop?: true }

/** A state of the table. `terms`: what its commits do to a branch that gets them. */
export type RowVersion = {
  parent: RowVersion | null
  files: readonly RowFile[]
  terms: Partial<Record<Term, number>>
  snapshotId: string | null
  /** Whether the table has its snapshot no longer. */
  isExpired: boolean
}
/** `deleted`: those of its rows that a delete file hides. */
type RowFile = { rows: readonly number[]; codec: string; deleted?: readonly number[] }

export type RowRange = { from: number; to: number }

export class TableOfRows {
  readonly name: string
  readonly terms: RowTerm[] = []
  /** After each step that moved `main`, dropped the table or restored it. */
  readonly totals: { atMs: number; rows: number }[] = []
  codec = 'zstd'
  main: RowVersion | null = null
  /** The other branch, while there is one. */
  branch: RowVersion | null = null
  isDropped = false
  /** Where `main` was before it moved back. */
  leftTips: RowVersion[] = []
  nextRow = 0
  readonly #entered = new Set<RowVersion>()

  constructor(name: string) {
    this.name = name
  }

  get rowCount(): number {
    return this.isDropped ? 0 : countRows(this.main)
  }

  /** Versions of `main`, newest first. */
  get line(): RowVersion[] {
    return lineOf(this.main)
  }

  /** @returns the rows to write */
  append(atMs: number, count: number, onBranch = false): RowRange {
    const range = this.#takeRows(count)
    const files = [...this.#filesOf(onBranch), this.#writeFile(range)]
    this.#commit(atMs, onBranch, files, { 'came-in': count })
    return range
  }

  delete(atMs: number, gone: RowRange, onBranch = false): void {
    const { files, terms } = this.#without(gone, onBranch)
    this.#commit(atMs, onBranch, files, terms)
  }

  /** Rows of the range are removed, and new ones come in. @returns these */
  overwrite(atMs: number, gone: RowRange, count: number, onBranch = false): RowRange {
    const { files, terms } = this.#without(gone, onBranch)
    const range = this.#takeRows(count)
    this.#commit(atMs, onBranch, [...files, this.#writeFile(range)], { ...terms, 'came-in': count })
    return range
  }

  /** The same in one commit: nothing tells which of the rows that it writes are new. @returns the new rows */
  overwriteAtOnce(atMs: number, gone: RowRange, count: number): RowRange {
    const { files, terms } = this.#without(gone, false)
    const [removed, kept] = [terms.removed ?? 0, terms.replaced ?? 0]
    const range = this.#takeRows(count)
    this.#commit(atMs, false, [...files, this.#writeFile(range)], {
      'came-in': Math.max(count - removed, 0),
      removed: Math.max(removed - count, 0),
      replaced: kept + Math.min(count, removed),
    })
    return range
  }

  /** The rows stay in the data files. */
  deleteByPosition(atMs: number, { from, to }: RowRange): void {
    const files = this.#filesOf(false).map((file) => ({
      ...file,
      deleted: file.rows.filter((row) => row >= from && row < to),
    }))
    this.#commit(atMs, false, files, {})
  }

  /** All files become one, without the rows that are deleted. */
  compact(atMs: number): void {
    const rows = this.#filesOf(false).flatMap(({ rows, deleted }) => rows.filter((row) => !deleted?.includes(row)))
    const removed = countRows(this.main) - rows.length
    this.#commit(atMs, false, [{ rows, codec: this.codec }], { moved: rows.length, removed })
  }

  /** Another table takes its place under the same UUID: its rows go, and new ones come in. @returns these */
  replaceTable(atMs: number, count: number): RowRange {
    this.terms.push({ atMs, term: 'removed', rows: this.rowCount })
    this.main = null
    return this.append(atMs, count)
  }

  /** Every file of another codec is written again. @returns whether there was any */
  rewrite(atMs: number, codec: string): boolean {
    this.codec = codec
    const files = this.#filesOf(false)
    const moved = sumOf(files.filter((file) => file.codec !== codec).map(({ rows }) => rows.length))
    if (moved === 0) return false
    this.#commit(
      atMs,
      false,
      files.map(({ rows }) => ({ rows, codec })),
      { moved },
    )
    return true
  }

  /** Moves `main` to any version: back, forth, or to another line. */
  moveMain(atMs: number, target: RowVersion): void {
    const [from, to] = [this.line, lineOf(target)]
    const shared = from.find((version) => to.includes(version)) ?? null
    const back = countRows(this.main) - countRows(shared)
    if (back !== 0) this.terms.push({ atMs, term: 'taken-back', rows: back })
    for (const version of to.slice(0, shared === null ? to.length : to.indexOf(shared)).toReversed()) {
      if (this.#entered.has(version)) {
        const again = countRows(version) - countRows(version.parent)
        if (again !== 0) this.terms.push({ atMs, term: 'put-back', rows: again })
      } else this.#enter(atMs, version)
    }
    if (this.main !== null && shared !== this.main) this.leftTips.push(this.main)
    this.leftTips = this.leftTips.filter((tip) => tip !== target)
    this.main = target
    this.#countTotal(atMs)
  }

  /** Only the current version has a snapshot. */
  expire(): void {
    for (const version of this.#entered) version.isExpired = version !== this.main
  }

  publishBranch(atMs: number): void {
    if (this.branch === null) throw new Error(`${this.name} has no other branch`)
    this.moveMain(atMs, this.branch)
    this.branch = null
  }

  drop(atMs: number): void {
    this.terms.push({ atMs, term: 'removed', rows: this.rowCount, ofDrop: true })
    this.isDropped = true
    this.#countTotal(atMs)
  }

  restore(atMs: number): void {
    this.isDropped = false
    this.terms.push({ atMs, term: 'put-back', rows: this.rowCount, ofDrop: true })
    this.#countTotal(atMs)
  }

  #filesOf(onBranch: boolean): readonly RowFile[] {
    return (onBranch ? this.branch : this.main)?.files ?? []
  }

  #takeRows(count: number): RowRange {
    const from = this.nextRow
    this.nextRow += count
    return { from, to: this.nextRow }
  }

  #writeFile({ from, to }: RowRange): RowFile {
    return { rows: Array.from({ length: to - from }, (_, index) => from + index), codec: this.codec }
  }

  /** A file whose rows all go is removed, and one that has others is written again. */
  #without({ from, to }: RowRange, onBranch: boolean): Pick<RowVersion, 'files' | 'terms'> {
    let [removed, replaced] = [0, 0]
    const files = this.#filesOf(onBranch).flatMap((file) => {
      const rows = file.rows.filter((row) => row < from || row >= to)
      if (rows.length === file.rows.length) return [file]
      removed += file.rows.length - rows.length
      replaced += rows.length
      return rows.length === 0 ? [] : [{ rows, codec: this.codec }]
    })
    if (removed === 0) throw new Error(`${this.name} has no row from ${from} to ${to}`)
    return { files, terms: { removed, replaced } }
  }

  #commit(atMs: number, onBranch: boolean, files: readonly RowFile[], terms: RowVersion['terms']): void {
    const version = { parent: onBranch ? this.branch : this.main, files, terms, snapshotId: null, isExpired: false }
    if (onBranch) this.branch = version
    else {
      this.main = version
      this.#enter(atMs, version)
      this.#countTotal(atMs)
    }
  }

  #enter(atMs: number, version: RowVersion): void {
    this.#entered.add(version)
    for (const [term, rows] of Object.entries(version.terms) as [Term, number][])
      if (rows !== 0) this.terms.push({ atMs, term, rows })
  }

  #countTotal(atMs: number): void {
    this.totals.push({ atMs, rows: this.rowCount })
  }
}

export function countRows(version: RowVersion | null): number {
  return sumOf(version?.files.map(({ rows }) => rows.length) ?? [])
}

function lineOf(version: RowVersion | null): RowVersion[] {
  const line: RowVersion[] = []
  for (let next = version; next !== null; next = next.parent) line.push(next)
  return line
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
