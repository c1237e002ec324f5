import type { Snapshot, TableMetadata } from '../iceberg/metadata/table-metadata'
import type { KnownAmounts } from './amounts'
import { isNewSince, type KnownVersion } from './known-version'
import { listMainSteps } from './main-steps'
import { readSnapshotFacts, type SnapshotFacts } from './snapshot-facts'
import { findLines, isAfter, isWhole, SnapshotGraph } from './snapshot-line'

/**
 * How `main` moved between two versions of a table, one move for each entry of its snapshot log.
 *
 * Spec: Iceberg table spec, *Table Metadata*, `snapshot-log`: the current snapshot of `main` over time.
 */

/**
 * - `forward`: to a descendant, or from nothing. - `rollback`: to an ancestor, or to another line. - `replaced`: to a new
 * line without a parent, as after `CREATE OR REPLACE TABLE`. - `unread`: snapshots between have expired, so not all
 * commits are known. - `first`: the beginning of the history that the table still has.
 */
export type MoveKind = 'forward' | 'rollback' | 'replaced' | 'unread' | 'first'

/**
 * A commit, and when it became part of `main`. `isNew`: the known version did not have its snapshot. `mightBeOnMain`:
 * snapshots that would tell have expired, so `main` may have had it all the time.
 */
export type EnteredCommit = { commit: SnapshotFacts; atMs: number; isNew: boolean; mightBeOnMain: boolean }

export type MainMove = {
  kind: MoveKind
  atMs: number
  fromId: string | null
  toId: string
  /** Commits that `main` no longer has, newest first. */
  left: SnapshotFacts[]
  /** Commits that `main` has now, oldest first. */
  entered: EnteredCommit[]
  /** The table after the move. */
  total: KnownAmounts
}

/** A log may move `main` back and forth over the same commits, which are listed so many times in all. */
const MAX_LISTED_PER_SNAPSHOT = 4
const MIN_LISTED = 10_000

/**
 * Lists the moves, each with its commits. When a log has `main` move over far more commits than there are snapshots,
 * the moves between are left out, and the last one leads from there to the end.
 *
 * @param known null: nothing is known of the table yet
 * @param before the metadata of the known version, whose snapshots may have expired since; null if it was not read
 */
export function listMainMoves(
  known: KnownVersion | null,
  before: Pick<TableMetadata, 'snapshots'> | null,
  after: TableMetadata,
): MainMove[] {
  const graph = new SnapshotGraph([before?.snapshots ?? [], after.snapshots])
  const isNew = (snapshot: Snapshot) => known === null || isNewSince(known, snapshot)
  const maxListed = Math.max(MIN_LISTED, MAX_LISTED_PER_SNAPSHOT * after.snapshots.length)
  const steps = listMainSteps(known, after, graph)
  const moves: MainMove[] = []
  const enteredIds = new Set<string>()
  let fromId = known?.mainSnapshotId ?? null
  let listed = 0
  for (const [index, { snapshotId, timestampMs, isLogged }] of steps.entries()) {
    if (snapshotId === fromId || (listed > maxListed && index < steps.length - 1)) continue
    const isFirst = known === null && moves.length === 0
    const step = { fromId, toId: snapshotId, atMs: timestampMs, isLogged, isFirst, enteredIds }
    const move = describeMove(step, graph, isNew)
    listed += move.left.length + move.entered.length
    for (const { commit } of move.entered) enteredIds.add(commit.snapshotId)
    moves.push(move)
    fromId = snapshotId
  }
  return moves
}

function describeMove(
  step: {
    fromId: string | null
    toId: string
    atMs: number
    isLogged: boolean
    isFirst: boolean
    /** Commits that earlier moves brought. */
    enteredIds: ReadonlySet<string>
  },
  graph: SnapshotGraph,
  isNew: (snapshot: Snapshot) => boolean,
): MainMove {
  const { fromId, toId, atMs, isLogged, isFirst, enteredIds } = step
  const to = graph.get(toId)
  if (to === undefined) throw new Error(`snapshot ${toId} is not among those of the table`)
  const { fromLine, toLine, isShared } = findLines(graph, fromId, toId)
  const isFromKnown = isShared || fromId === null || isWhole(fromLine)
  const isToKnown = isShared || isWhole(toLine)
  const isFresh = (snapshot: Snapshot) => isNew(snapshot) && !enteredIds.has(snapshot.snapshotId)
  // A branch is published at the time of the move. Without a log, and before it begins, commits have only their own.
  const hasOwnTime = (snapshot: Snapshot) => (isFirst ? snapshot !== to || !isLogged : !isLogged && isNew(snapshot))
  const move = {
    atMs,
    fromId,
    toId,
    left: isToKnown ? fromLine.map(readSnapshotFacts) : [],
    entered: toLine.toReversed().map((snapshot) => ({
      commit: readSnapshotFacts(snapshot),
      atMs: hasOwnTime(snapshot) ? snapshot.timestampMs : atMs,
      isNew: isNew(snapshot),
      mightBeOnMain: !isFromKnown && !isFresh(snapshot),
    })),
    total: readSnapshotFacts(to).total,
  }
  if (isFirst) return { ...move, kind: 'first' }
  const isBegun = !isShared && fromId !== null && isWhole(toLine) && isAfter(toLine, fromLine)
  if (isBegun && toLine.every(isFresh)) return { ...move, kind: 'replaced', left: [] }
  if (!isFromKnown || !isToKnown) return { ...move, kind: 'unread' }
  return { ...move, kind: fromLine.length > 0 ? 'rollback' : 'forward' }
}
