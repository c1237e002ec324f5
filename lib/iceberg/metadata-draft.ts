import type { Snapshot, TableMetadata } from './table-metadata'
import type { JsonObject } from './types'

/**
 * Metadata while a commit is being applied to it. The lists and maps it came with belong to the table as it was and
 * are replaced, never changed; those that {@link CommitSoFar.own} handed out belong to the commit.
 */
export type MetadataDraft = { -readonly [Field in keyof TableMetadata]: TableMetadata[Field] }

export type StatisticsList = 'statistics' | 'partitionStatistics'

/** What one commit has done so far, as far as later updates or the snapshot log depend on it. */
export class CommitSoFar {
  /** Time of the commit; never before what the table has seen. */
  readonly committedAtMs: number
  lastAddedSchemaId: number | null = null
  lastAddedSpecId: number | null = null
  lastAddedSortOrderId: number | null = null
  readonly addedSnapshotIds = new Set<string>()
  hasRemovedSnapshots = false
  readonly removedSchemaIds = new Set<number>()
  readonly removedSpecIds = new Set<number>()
  readonly #owned = new WeakSet<object>()
  readonly #statistics = new Map<StatisticsList, { of: readonly JsonObject[]; snapshotIds: Set<bigint> }>()
  #snapshots: { of: readonly Snapshot[]; byId: Map<string, Snapshot> } | null = null

  constructor(committedAtMs: number) {
    this.committedAtMs = committedAtMs
  }

  /** A copy of the list to add to; the same again for a list it handed out, so that many updates copy it once. */
  own<Item>(list: readonly Item[]): Item[] {
    if (this.#owned.has(list)) return list as Item[]
    const copy = [...list]
    this.#owned.add(copy)
    return copy
  }

  /** Like {@link own}, of a map. */
  ownRecord<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
    if (this.#owned.has(record)) return record
    const copy = { ...record }
    this.#owned.add(copy)
    return copy
  }

  addSnapshot(draft: MetadataDraft, snapshot: Snapshot): void {
    const byId = this.snapshotsOf(draft)
    const snapshots = this.own(draft.snapshots)
    snapshots.push(snapshot)
    byId.set(snapshot.snapshotId, snapshot)
    draft.snapshots = snapshots
    this.#snapshots = { of: snapshots, byId }
    this.addedSnapshotIds.add(snapshot.snapshotId)
  }

  addStatistics(draft: MetadataDraft, list: StatisticsList, file: JsonObject, snapshotId: bigint): void {
    const snapshotIds = this.statisticsOf(draft, list)
    const files = this.own(draft[list])
    files.push(file)
    snapshotIds.add(snapshotId)
    draft[list] = files
    this.#statistics.set(list, { of: files, snapshotIds })
  }

  /** The snapshots that a list of the draft has statistics of. */
  statisticsOf(draft: MetadataDraft, list: StatisticsList): Set<bigint> {
    const known = this.#statistics.get(list)
    if (known?.of === draft[list]) return known.snapshotIds
    const snapshotIds = new Set(draft[list].map(statisticsSnapshotId).filter((id) => id !== null))
    this.#statistics.set(list, { of: draft[list], snapshotIds })
    return snapshotIds
  }

  /** The draft's snapshots by id. */
  snapshotsOf({ snapshots }: MetadataDraft): Map<string, Snapshot> {
    if (this.#snapshots?.of !== snapshots) {
      const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
      this.#snapshots = { of: snapshots, byId }
    }
    return this.#snapshots.byId
  }
}

/** Of which snapshot a statistics file tells; null where it does not say. */
export function statisticsSnapshotId({ 'snapshot-id': id }: JsonObject): bigint | null {
  return typeof id === 'number' || typeof id === 'bigint' ? BigInt(id) : null
}

/** Sets a member of a record of this commit's own, also one with a name like `__proto__`. */
export function setMember<Value>(record: Record<string, Value>, name: string, value: Value): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true })
}
