import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { decodeInTurns } from '@/lib/iceberg/avro/decode-steps'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { compareManifests, judgeAppend, judgedTooMuch, MAX_JUDGED_BYTES } from '@/lib/iceberg/operations/judge-append'
import {
  type ManifestSource,
  mapUnlessAborted,
  readManifestEntries,
  readSnapshotManifests,
} from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { createManifestSource } from '../files/live-files'
import type { ManifestCache } from '../manifest-cache'

export type AppendReader = { manifestCache: ManifestCache; signal: AbortSignal }

/** Problems that the writer of a snapshot can fix. The error gives no details: the files may belong to others. */
const UNREADABLE: readonly ErrorCode[] = [
  'file-missing',
  'file-damaged',
  'too-large',
  'not-supported',
  'location-refused',
]

/**
 * Why the snapshots of a commit are more than appends, by their manifests, as a sentence without its end; null when they
 * are appends.
 *
 * @param table that the commit replaces
 */
export async function findMoreThanAppends(
  reader: AppendReader,
  table: LoadedTable,
  updates: readonly TableUpdate[],
): Promise<string | null> {
  const snapshots = new Map(table.metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  for (const update of updates) {
    if (update.action !== 'add-snapshot') continue
    const { snapshot } = update
    const { snapshotId, parentSnapshotId } = snapshot
    const parent = parentSnapshotId === null ? null : snapshots.get(parentSnapshotId)
    const problem =
      parent === undefined ? 'has a parent that the table does not have' : await judge(reader, table, parent, snapshot)
    if (problem !== null) return `the snapshot ${snapshotId} ${problem}`
    snapshots.set(snapshotId, snapshot)
  }
  return null
}

async function judge(
  { manifestCache, signal }: AppendReader,
  table: LoadedTable,
  parent: Snapshot | null,
  snapshot: Snapshot,
): Promise<string | null> {
  const { metadata, store } = table
  const source = boundedSource(createManifestSource(manifestCache, table, { store, signal }), (location, maxBytes) =>
    store.read(location, { maxBytes, signal }),
  )
  try {
    const before = await readSnapshotManifests({ metadata, snapshot: parent }, source)
    const after = await readSnapshotManifests({ metadata, snapshot }, source)
    const changes = compareManifests(before, after, snapshot)
    const tooMuch = judgedTooMuch(changes)
    if (tooMuch !== null) return tooMuch
    const size = { entryCount: 0, bytes: 0 }
    const readAll = (manifests: readonly ManifestFile[]) =>
      mapUnlessAborted(manifests, signal, async (manifest) => {
        const entries = await readManifestEntries(metadata, manifest, source)
        size.entryCount += entries.length
        const problem = judgedTooMuch(changes, { ...size, bytes: source.readBytes() })
        if (problem !== null) throw new TooMuchToJudge(problem)
        return { manifest, entries }
      })
    const read = {
      left: await readAll(changes.left),
      came: await readAll(changes.came),
      described: await readAll(changes.described),
    }
    return await decodeInTurns(judgeAppend(read, metadata, { parent: before, snapshot }), manifestCache.takeTurns)
  } catch (error) {
    if (error instanceof TooMuchToJudge) return error.message
    if (error instanceof AppError && UNREADABLE.includes(error.code)) return 'has manifests that Lakeshore cannot read'
    throw error
  }
}

/** Its message is why. */
class TooMuchToJudge extends Error {}

/** Reads no file above the limit, and counts the decompressed bytes of manifests. */
function boundedSource(
  source: ManifestSource,
  read: (location: string, maxBytes: number) => Promise<Uint8Array>,
): ManifestSource & { readBytes: () => number } {
  const { cache } = source
  let decodedBytes = 0
  return {
    ...source,
    readFile: (location) => read(location, MAX_JUDGED_BYTES),
    cache: {
      get: (key) => cache?.get(key),
      fits: (entryCount) => cache?.fits(entryCount) ?? false,
      set(key, entries, bytes) {
        decodedBytes += bytes
        cache?.set(key, entries, bytes)
      },
    },
    readBytes: () => decodedBytes,
  }
}
