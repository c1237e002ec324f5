import 'server-only'
import { LocationSet } from '@/lib/changes/impact/location-set'
import { reachedFiles } from '@/lib/changes/impact/reached-files'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { normalizeLocation, snapshotGroup, type WalkOptions } from '@/server/table/expiry/walk-files'

/**
 * The files that new commits reach during a removal: a commit may name a file again that was unreachable before.
 * Checked right before each batch of files.
 */
export class CommitWatch {
  readonly #loadTables: () => Promise<readonly LoadedTable[]>
  readonly #options: WalkOptions
  readonly #seenLocations = new Set<string>()
  readonly #seenSnapshots = new Set<string>()
  readonly #reached = new LocationSet()

  /** @param tables whose files are known to be retained */
  constructor(
    tables: readonly LoadedTable[],
    { loadTables, ...options }: WalkOptions & { loadTables: () => Promise<readonly LoadedTable[]> },
  ) {
    this.#loadTables = loadTables
    this.#options = options
    for (const table of tables) this.#note(table)
  }

  /** Reads the snapshots that were added since the last call. */
  async refresh(): Promise<void> {
    for (const table of await this.#loadTables()) {
      if (this.#seenLocations.has(locationKey(table))) continue
      const added = table.metadata.snapshots.filter(
        ({ snapshotId }) => !this.#seenSnapshots.has(snapshotKey(table, snapshotId)),
      )
      const group = snapshotGroup('added', table, added, this.#options)
      for await (const { location } of reachedFiles([group], normalizeLocation))
        this.#reached.add(normalizeLocation(location))
      this.#note(table)
    }
  }

  isReached(location: string): boolean {
    return this.#reached.has(normalizeLocation(location))
  }

  #note(table: LoadedTable): void {
    this.#seenLocations.add(locationKey(table))
    for (const { snapshotId } of table.metadata.snapshots) this.#seenSnapshots.add(snapshotKey(table, snapshotId))
  }
}

function locationKey({ identifier, metadataLocation }: LoadedTable): string {
  return JSON.stringify([identifier, metadataLocation])
}

/** Tables that were registered twice have the same snapshots. */
function snapshotKey({ metadata }: LoadedTable, snapshotId: string): string {
  return `${metadata.tableUuid} ${snapshotId}`
}
