import type { Snapshot } from '../iceberg/metadata/table-metadata'

/**
 * Snapshots by their id. A usual commit asks only for the newest ones, so the others are not indexed before one of them
 * is looked up.
 */
export class SnapshotGraph {
  readonly #lists: readonly (readonly Snapshot[])[]
  #byId: Map<string, Snapshot> | null = null

  /** @param lists of snapshots that occur in several, the last one counts */
  constructor(lists: readonly (readonly Snapshot[])[]) {
    this.#lists = lists
  }

  get(snapshotId: string): Snapshot | undefined {
    const newest = this.#lists.at(-1)?.at(-1)
    if (newest?.snapshotId === snapshotId) return newest
    this.#byId ??= new Map(this.#lists.flatMap((list) => list.map((one) => [one.snapshotId, one] as const)))
    return this.#byId.get(snapshotId)
  }

  has(snapshotId: string): boolean {
    return this.get(snapshotId) !== undefined
  }
}

/** Whether a line, newest first, reaches the first commit of all. */
export function isWhole(line: readonly Snapshot[]): boolean {
  return line.at(-1)?.parentSnapshotId === null
}

/** Whether a line was begun after the other one ended, and not on a branch next to it. */
export function isAfter(line: readonly Snapshot[], other: readonly Snapshot[]): boolean {
  const [first, last] = [line.at(-1), other[0]]
  if (first === undefined || last === undefined) return true
  return first.sequenceNumber === last.sequenceNumber
    ? first.timestampMs >= last.timestampMs
    : first.sequenceNumber > last.sequenceNumber
}

/**
 * The lines of two snapshots, newest first, up to the newest ancestor that they share, which is in neither; whole when
 * they share none. Both are walked in turn, so the cost is the length of the longer part.
 */
export function findLines(
  graph: SnapshotGraph,
  fromId: string | null,
  toId: string,
): { fromLine: Snapshot[]; toLine: Snapshot[]; isShared: boolean } {
  const from = new Line(graph, fromId)
  const to = new Line(graph, toId)
  for (;;) {
    const hasStepped = to.step()
    // The usual commit has the known snapshot as its parent, which need not be looked up.
    if (fromId !== null && to.nextId === fromId) return { fromLine: [], toLine: to.until(null), isShared: true }
    const isFurther = [hasStepped, from.step()]
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      const sharedId = one.lastId
      if (sharedId !== null && other.has(sharedId)) {
        return { fromLine: from.until(sharedId), toLine: to.until(sharedId), isShared: true }
      }
    }
    if (isFurther.includes(true)) continue
    // Both may end at the same snapshot, which has expired.
    const isShared = from.nextId !== null && from.nextId === to.nextId
    return { fromLine: from.until(null), toLine: to.until(null), isShared }
  }
}

/** A snapshot and its ancestors, walked one at a time. Damaged metadata may have a circle, which ends the line. */
class Line {
  readonly #graph: SnapshotGraph
  readonly #snapshots = new Map<string, Snapshot>()
  nextId: string | null
  lastId: string | null = null

  constructor(graph: SnapshotGraph, snapshotId: string | null) {
    this.#graph = graph
    this.nextId = snapshotId
  }

  /** @returns whether there was another one */
  step(): boolean {
    const snapshot = this.nextId === null ? undefined : this.#graph.get(this.nextId)
    if (snapshot === undefined || this.#snapshots.has(snapshot.snapshotId)) return false
    this.#snapshots.set(snapshot.snapshotId, snapshot)
    this.lastId = snapshot.snapshotId
    this.nextId = snapshot.parentSnapshotId
    return true
  }

  has(snapshotId: string): boolean {
    return this.#snapshots.has(snapshotId)
  }

  /** The snapshots before the one of this id; all if it is null. */
  until(snapshotId: string | null): Snapshot[] {
    const line = [...this.#snapshots.values()]
    const end = line.findIndex((one) => one.snapshotId === snapshotId)
    return end < 0 ? line : line.slice(0, end)
  }
}
