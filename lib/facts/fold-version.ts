import { type Amounts, addAmounts, isZero, type KnownAmounts, mapMeasures, MEASURES, ZERO } from './amounts'
import { type CommitDetail, type CommitEffort, NO_EFFORT, toCommitDetail } from './commit-detail'
import type { VersionDescription } from './describe-version'
import type { EnteredCommit, MainMove } from './main-moves'
import { isPossibleTime, toLatestTimes } from './possible-time'
import { addCommitTime, NO_RHYTHM, type Rhythm } from './rhythm'
import type { SnapshotFacts, SnapshotWriter } from './snapshot-facts'
import type { TableEvent } from './table-event'
import { effectOf, type FactKind } from './terms'

/**
 * One row of a table's history.
 *
 * - `commit`: a commit became part of `main`. - `taken-back`: `main` no longer has it; amounts are those of the commit. -
 * `put-back`: `main` has it again. - `not-read`: the change of the total that no known commit explains. - `cleared`: the
 * table was dropped or replaced, and all that it had is removed. - `off-main`: a commit on another branch, which changes
 * no total until it is published.
 */
export type FactRow = {
  /** The order of the rows of a table, from 1. */
  seq: number
  kind: FactKind
  atMs: number
  /** The time that the metadata says, if that cannot be; otherwise null. */
  statedAtMs: number | null
  snapshotId: string | null
  /** When the commit that was taken back or put back became part of `main`; otherwise null. */
  enteredAtMs: number | null
  operation: string | null
  writer: SnapshotWriter | null
  /** The branch of an `off-main` commit; null if no branch has it. */
  branch: string | null
  reason: NotReadReason | null
  /** How a commit that is new came about; null where nothing of it is known, and for other rows. */
  detail: CommitDetail | null
  added: KnownAmounts
  removed: KnownAmounts
}

/**
 * Why a change is not explained. `before-history`: the commits had expired when the table was first read. `expired`:
 * they expired before they were read. `counts-missing`: a summary lacks counts. `counts-differ`: the counts of a summary
 * contradict its totals.
 */
export type NotReadReason = 'before-history' | 'expired' | 'counts-missing' | 'counts-differ'

/** How far the history of a table has come. `total`: the sum of its rows, which equals the table where that is known. */
export type HistoryState = { seq: number; lastAtMs: number; total: Amounts; rhythm: Rhythm }

export const EMPTY_HISTORY: HistoryState = { seq: 0, lastAtMs: 0, total: ZERO, rhythm: NO_RHYTHM }

/** Whether `main` has a commit, by its newest row, and since when. */
export type KnownCommit = { isOnMain: boolean; enteredAtMs: number }

export type FoldedVersion = { rows: FactRow[]; events: TableEvent[]; state: HistoryState }

/**
 * Continues a history with a version of its table. The sum of all rows is the new total, whatever summaries say: what
 * they do not explain is a row of its own.
 *
 * @param knownCommits those of the moves' commits that the history has already
 * @param nowMs when the version was read
 */
export function foldVersion(
  state: HistoryState,
  { moves, emptied, offMain, events, effort = NO_EFFORT }: VersionDescription,
  knownCommits: ReadonlyMap<string, KnownCommit>,
  nowMs: number,
): FoldedVersion {
  const folding = new Folding(state, knownCommits, nowMs)
  folding.effort = effort
  const moveEvents: TableEvent[] = []
  const latestMs = toLatestTimes(
    moves.map(({ atMs }) => atMs),
    nowMs,
  )
  for (const [index, move] of moves.entries()) {
    folding.latestMs = latestMs[index] ?? nowMs
    folding.move(move)
    const { atMs, fromId, toId, left } = move
    const at = folding.timeOf(atMs).atMs
    if (move.kind === 'rollback') moveEvents.push({ atMs: at, kind: 'rollback', fromId, toId, count: left.length })
    if (move.kind === 'replaced') moveEvents.push({ atMs: at, kind: 'replaced', fromId, toId })
  }
  folding.latestMs = nowMs
  if (emptied !== null) {
    folding.clear(emptied.atMs)
    moveEvents.push({ kind: 'replaced', fromId: emptied.fromId, toId: null, atMs: folding.timeOf(emptied.atMs).atMs })
  }
  for (const { commit, branch } of offMain) folding.addOffMain(commit, branch)
  const otherEvents = events.map((event) => ({ ...event, atMs: folding.toPossible(event.atMs) }))
  return { rows: folding.rows, events: [...moveEvents, ...otherEvents], state: folding.state }
}

/** All that the table had is removed: it was dropped. */
export function foldDrop(state: HistoryState, atMs: number): FoldedVersion {
  const folding = new Folding(state, new Map(), atMs)
  folding.clear(atMs)
  return { rows: folding.rows, events: [{ atMs, kind: 'dropped' }], state: folding.state }
}

/** A dropped table is back, and has what it had, which is all unknown where the metadata does not say it. */
export function foldRestore(state: HistoryState, total: KnownAmounts, atMs: number): FoldedVersion {
  const folding = new Folding(state, new Map(), atMs)
  folding.putBack(total, atMs)
  return { rows: folding.rows, events: [{ atMs, kind: 'restored' }], state: folding.state }
}

class Folding {
  readonly rows: FactRow[] = []
  state: HistoryState
  readonly #known: Map<string, KnownCommit>
  readonly #nowMs: number
  /** Replaces a time that lies too far ahead. */
  latestMs: number
  /** The effort of the commits that are new. */
  effort: CommitEffort = NO_EFFORT

  constructor(state: HistoryState, known: ReadonlyMap<string, KnownCommit>, nowMs: number) {
    this.state = state
    this.#known = new Map(known)
    this.#nowMs = nowMs
    this.latestMs = nowMs
  }

  move({ kind, atMs, left, entered, total }: MainMove): void {
    if (kind === 'replaced') this.clear(atMs)
    for (const commit of left) this.#leave(commit, atMs)
    const entering = entered.filter((one) => !this.#isOnMain(one))
    const isBeforeHistory = kind === 'first' || kind === 'unread'
    // Expired commits came before those that are still there.
    if (isBeforeHistory) this.#explain(expectedBefore(entering, total), entering[0]?.atMs ?? atMs, toReason(kind))
    for (const { commit, atMs: enteredAtMs } of entering) this.#enter(commit, enteredAtMs)
    const missing = this.#missingTo(total)
    const commits = [...left, ...entering.map(({ commit }) => commit)]
    const isCounted = commits.every((commit) => hasCounts(commit, missing))
    this.#explain(total, atMs, isCounted ? 'counts-differ' : 'counts-missing')
  }

  clear(atMs: number): void {
    // No table has less than nothing: commits brought more than their summaries say.
    this.#explain(
      mapMeasures((measure) => Math.max(this.state.total[measure], 0)),
      atMs,
      'counts-missing',
    )
    const { total } = this.state
    if (!isZero(total)) this.#add({ kind: 'cleared', ...this.timeOf(atMs), added: ZERO, removed: total })
  }

  putBack(total: KnownAmounts, atMs: number): void {
    const added = mapMeasures((measure) => Math.max(total[measure] ?? 0, 0))
    if (!isZero(added)) this.#add({ kind: 'put-back', ...this.timeOf(atMs), added, removed: ZERO })
  }

  addOffMain(commit: SnapshotFacts, branch: string | null): void {
    // It may be older than the newest row, because it is read with the commits of `main`.
    const atMs = this.toPossible(commit.atMs)
    const statedAtMs = atMs === commit.atMs ? null : commit.atMs
    this.#add({ kind: 'off-main', atMs, statedAtMs, ...ofCommit(commit), branch, detail: this.#detailOf(commit) })
  }

  /** A time that the metadata says, between the row before and now. */
  timeOf(statedAtMs: number): Pick<FactRow, 'atMs' | 'statedAtMs'> {
    const atMs = Math.max(this.toPossible(statedAtMs), this.state.lastAtMs)
    return { atMs, statedAtMs: atMs === statedAtMs ? null : statedAtMs }
  }

  toPossible(statedAtMs: number): number {
    return isPossibleTime(statedAtMs, this.#nowMs) ? statedAtMs : this.latestMs
  }

  #isOnMain({ commit, mightBeOnMain }: EnteredCommit): boolean {
    return mightBeOnMain && this.#known.get(commit.snapshotId)?.isOnMain !== false
  }

  #leave(commit: SnapshotFacts, atMs: number): void {
    const known = this.#known.get(commit.snapshotId)
    const enteredAtMs = known?.enteredAtMs ?? this.toPossible(commit.atMs)
    this.#known.set(commit.snapshotId, { isOnMain: false, enteredAtMs })
    this.#add({ kind: 'taken-back', ...this.timeOf(atMs), ...ofCommit(commit), enteredAtMs })
  }

  #enter(commit: SnapshotFacts, statedAtMs: number): void {
    const known = this.#known.get(commit.snapshotId)
    const time = this.timeOf(statedAtMs)
    const enteredAtMs = known?.enteredAtMs ?? time.atMs
    this.#known.set(commit.snapshotId, { isOnMain: true, enteredAtMs })
    if (known) this.#add({ kind: 'put-back', ...time, ...ofCommit(commit), enteredAtMs })
    else this.#add({ kind: 'commit', ...time, ...ofCommit(commit), detail: this.#detailOf(commit) })
  }

  #detailOf(commit: SnapshotFacts): CommitDetail | null {
    return toCommitDetail(commit, this.effort)
  }

  /** Adds what is missing to a total. From far below zero to the largest amounts it takes two rows. */
  #explain(total: KnownAmounts, atMs: number, reason: NotReadReason): void {
    for (let part = 0; part < 2; part += 1) {
      const missing = this.#missingTo(total)
      if (isZero(missing)) return
      this.#add({
        kind: 'not-read',
        ...this.timeOf(atMs),
        reason,
        added: mapMeasures((measure) => Math.max(missing[measure], 0)),
        removed: mapMeasures((measure) => Math.max(0 - missing[measure], 0)),
      })
    }
  }

  /** The difference to a total, as far as one row can say it; nothing where the total is not known. */
  #missingTo(total: KnownAmounts): Amounts {
    return mapMeasures((measure) => {
      const amount = total[measure]
      return amount === null ? 0 : Math.min(amount - this.state.total[measure], Number.MAX_SAFE_INTEGER)
    })
  }

  #add(row: Pick<FactRow, 'kind' | 'atMs' | 'statedAtMs' | 'added' | 'removed'> & Partial<FactRow>): void {
    const added: FactRow = {
      snapshotId: null,
      enteredAtMs: null,
      operation: null,
      writer: null,
      branch: null,
      reason: null,
      detail: null,
      ...row,
      ...toCountable(row, this.state.total),
      seq: this.state.seq + 1,
    }
    this.rows.push(added)
    this.state = {
      seq: added.seq,
      // Rows of `main` do not wait for those of other branches, which are older or newer.
      lastAtMs: added.kind === 'off-main' ? this.state.lastAtMs : Math.max(this.state.lastAtMs, added.atMs),
      total: addAmounts(this.state.total, effectOf(added)),
      rhythm: added.kind === 'commit' ? addCommitTime(this.state.rhythm, added.atMs) : this.state.rhythm,
    }
  }
}

function ofCommit({ snapshotId, operation, writer, added, removed }: SnapshotFacts) {
  return { snapshotId, operation, writer, added, removed }
}

/** Whether a commit counts all measures of which something is missing. */
function hasCounts({ added, removed }: SnapshotFacts, missing: Amounts): boolean {
  return MEASURES.every((measure) => missing[measure] === 0 || (added[measure] !== null && removed[measure] !== null))
}

/**
 * Amounts that would take a total out of the range of exact numbers are unknown. The total of the table after the move
 * then says what they were, if that is within the range.
 */
function toCountable(
  row: Pick<FactRow, 'kind' | 'added' | 'removed'>,
  total: Amounts,
): Pick<FactRow, 'added' | 'removed'> {
  const after = addAmounts(total, effectOf({ ...row, operation: null }))
  if (MEASURES.every((measure) => Number.isSafeInteger(after[measure]))) return row
  const limit = (amounts: KnownAmounts) =>
    mapMeasures((measure) => (Number.isSafeInteger(after[measure]) ? amounts[measure] : null))
  return { added: limit(row.added), removed: limit(row.removed) }
}

function toReason(kind: 'first' | 'unread'): NotReadReason {
  return kind === 'first' ? 'before-history' : 'expired'
}

/** The total before the first of these commits; null where counts or the total are unknown or contradict each other. */
function expectedBefore(entered: readonly EnteredCommit[], total: KnownAmounts): KnownAmounts {
  const [first] = entered
  if (first === undefined) return total
  const { commit } = first
  if (commit.parentSnapshotId === null) return ZERO
  return mapMeasures((measure) => {
    const [after, added, removed] = [commit.total[measure], commit.added[measure], commit.removed[measure]]
    if (after === null || added === null || removed === null) return null
    const before = after - added + removed
    return Number.isSafeInteger(before) && before >= 0 ? before : null
  })
}
