import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import type { JsonObject } from '../json/json'

/**
 * Metadata while a commit is applied to it. The lists and maps it was created with belong to the table before the
 * commit: they are replaced, never modified. Lists that {@link CommitState.writableList} returned belong to the commit.
 */
export type MetadataDraft = { -readonly [Field in keyof TableMetadata]: TableMetadata[Field] }

export type StatisticsList = 'statistics' | 'partitionStatistics'

/** The effects of one commit so far, as far as later updates or the snapshot log need to know. */
export class CommitState {
  /** Time of the commit; never before the table's last update. */
  readonly committedAtMs: number
  lastAddedSchemaId: number | null = null
  lastAddedSpecId: number | null = null
  lastAddedSortOrderId: number | null = null
  readonly addedSnapshotIds = new Set<string>()
  hasRemovedSnapshots = false
  readonly removedSchemaIds = new Set<number>()
  readonly removedSpecIds = new Set<number>()
  readonly #writable = new WeakSet<object>()
  readonly #statistics = new Map<StatisticsList, { source: readonly JsonObject[]; snapshotIds: Set<bigint> }>()
  #snapshots: { source: readonly Snapshot[]; byId: Map<string, Snapshot> } | null = null

  constructor(committedAtMs: number) {
    this.committedAtMs = committedAtMs
  }

  /**
   * A copy of the list to modify. A list that was already returned here is returned as is, so many updates copy it
   * once.
   */
  writableList<Item>(list: readonly Item[]): Item[] {
    if (this.#writable.has(list)) return list as Item[]
    const copy = [...list]
    this.#writable.add(copy)
    return copy
  }

  /** Like {@link writableList}, for a map. */
  writableRecord<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
    if (this.#writable.has(record)) return record
    const copy = { ...record }
    this.#writable.add(copy)
    return copy
  }

  addSnapshot(draft: MetadataDraft, snapshot: Snapshot): void {
    const byId = this.snapshotsById(draft)
    const snapshots = this.writableList(draft.snapshots)
    snapshots.push(snapshot)
    byId.set(snapshot.snapshotId, snapshot)
    draft.snapshots = snapshots
    this.#snapshots = { source: snapshots, byId }
    this.addedSnapshotIds.add(snapshot.snapshotId)
  }

  addStatistics(draft: MetadataDraft, list: StatisticsList, file: JsonObject, snapshotId: bigint): void {
    const snapshotIds = this.statisticsSnapshotIds(draft, list)
    const files = this.writableList(draft[list])
    files.push(file)
    snapshotIds.add(snapshotId)
    draft[list] = files
    this.#statistics.set(list, { source: files, snapshotIds })
  }

  /** Ids of the snapshots that have statistics in a list of the draft. */
  statisticsSnapshotIds(draft: MetadataDraft, list: StatisticsList): Set<bigint> {
    const indexed = this.#statistics.get(list)
    if (indexed?.source === draft[list]) return indexed.snapshotIds
    const snapshotIds = new Set(draft[list].map(statisticsSnapshotId).filter((id) => id !== null))
    this.#statistics.set(list, { source: draft[list], snapshotIds })
    return snapshotIds
  }

  /** The draft's snapshots by id. */
  snapshotsById({ snapshots }: MetadataDraft): Map<string, Snapshot> {
    if (this.#snapshots?.source !== snapshots) {
      const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
      this.#snapshots = { source: snapshots, byId }
    }
    return this.#snapshots.byId
  }
}

/** The snapshot that a statistics file describes; null if it does not say. */
export function statisticsSnapshotId({ 'snapshot-id': id }: JsonObject): bigint | null {
  return typeof id === 'number' || typeof id === 'bigint' ? BigInt(id) : null
}

/** Sets a member of a record, even one with a name like `__proto__`. The record must belong to this commit. */
export function setMember<Value>(record: Record<string, Value>, name: string, value: Value): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true })
}
