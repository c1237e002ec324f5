import 'server-only'
import type { TakeTurns } from '@/lib/iceberg/avro/decode-steps'
import type { SnapshotGroup } from '@/lib/changes/impact/reached-files'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import {
  MAX_PARALLEL_MANIFESTS,
  type ManifestSource,
  openManifestEntries,
  readSnapshotManifests,
} from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { parseLocation } from '@/server/locations/location-gate'
import { avroCodecs } from '../../codecs/avro-codecs'

/** Reads the files of snapshots for `reachedFiles`, without keeping other work of the process waiting. */

export type WalkOptions = {
  signal: AbortSignal
  takeTurns: TakeTurns
  /** Called for each manifest list that was read. */
  onList?: (sizeBytes: number, snapshot: Snapshot) => void
}

type ReadTable = Pick<LoadedTable, 'metadata' | 'store'>

/**
 * A group of snapshots. Manifest lists are read ahead, because a table may have ten thousand; manifests one at a time,
 * a few entries at a time. Nothing is cached: each file is read once.
 */
export function snapshotGroup<Name>(
  name: Name,
  table: ReadTable,
  snapshots: readonly Snapshot[],
  { signal, takeTurns, onList }: WalkOptions,
): SnapshotGroup<Name> {
  const { metadata, store } = table
  const readFile = (location: string) => store.read(location, { signal })
  const source: ManifestSource = { readFile, codecs: avroCodecs, takeTurns, signal }
  const readAhead = aheadOf(snapshots, async (snapshot) => {
    signal.throwIfAborted()
    let sizeBytes = 0
    const counted = {
      ...source,
      readFile: async (location: string) => {
        const bytes = await readFile(location)
        if (location === snapshot.manifestList) sizeBytes = bytes.length
        return bytes
      },
    }
    return { manifests: await readSnapshotManifests({ metadata, snapshot }, counted), sizeBytes }
  })
  return {
    name,
    metadata,
    snapshots,
    async *readManifests(snapshot) {
      const { manifests, sizeBytes } = await readAhead(snapshot)
      onList?.(sizeBytes, snapshot)
      for (const manifest of manifests) {
        await takeTurns()
        yield manifest
      }
    },
    async *readFiles(manifest: ManifestFile) {
      signal.throwIfAborted()
      for (const entries of await openManifestEntries(metadata, manifest, source)) {
        await takeTurns()
        for (const { status, dataFile } of entries) if (status !== 'deleted') yield dataFile
      }
    },
  }
}

/** Starts reading the next items in their order while the caller works on one. */
function aheadOf<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): (item: Item) => Promise<Result> {
  const started = new Map<Item, Promise<Result>>()
  let next = 0
  return async (item) => {
    while (next < items.length && started.size < MAX_PARALLEL_MANIFESTS) {
      const ahead = items[next] as Item
      const result = read(ahead)
      // A failure is thrown when its turn comes.
      result.catch(() => {})
      started.set(ahead, result)
      next += 1
    }
    const result = started.get(item) ?? read(item)
    started.delete(item)
    return result
  }
}

/** One spelling for the locations that name one file: `s3a://b/k` and `s3://b/k`, `file:/x` and `file:///x`. */
export function normalizeLocation(location: string): string {
  const parsed = parseLocation(location)
  return parsed === null ? location : JSON.stringify(parsed)
}
