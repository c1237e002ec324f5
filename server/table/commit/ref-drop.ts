import 'server-only'
import type { LeftBehind, RefDropPreview } from '@/lib/contract/table/refs'
import { NO_FILES, sumByGroup } from '@/lib/changes/impact/expiry-impact'
import { reachedFiles, type SnapshotGroup } from '@/lib/changes/impact/reached-files'
import { refMove } from '@/lib/changes/impact/ref-move'
import { changeForIntents, losesSnapshots } from '@/lib/changes/intents/intent-changes'
import { requireKnownRef } from '@/lib/changes/intents/plan-ref-move'
import type { DropRef } from '@/lib/changes/intents/drop-ref/describe'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { createManifestSource } from '../files/live-files'
import type { ManifestCache } from '../manifest-cache'
import { buildChangeRequest } from './change-request'

/** Each has a manifest list, which is read. Beyond this number the panel says that the files are not counted. */
const MAX_WALKED_SNAPSHOTS = 2_000

/**
 * The intent that removes a branch or a tag. It has the safety tag only if snapshots are left behind.
 *
 * @throws {AppError} not-found without the ref; invalid-request for `main`
 */
export function planRefDrop(
  metadata: TableMetadata,
  { refName, safetyTag }: { refName: string; safetyTag: SafetyTag | null },
): DropRef {
  const { type, snapshotId } = requireKnownRef(metadata, refName)
  const { unreachableSnapshotIds } = refMove(metadata, { refName, toSnapshotId: null })
  const isLeftBehind = unreachableSnapshotIds.length > 0
  const intent: DropRef = { kind: 'drop-ref', refName, type, snapshotId, safetyTag: isLeftBehind ? safetyTag : null }
  changeForIntents(metadata, [intent])
  return intent
}

/**
 * The snapshots and files that a planned removal of a branch or a tag leaves behind. If no other ref reaches some of its
 * snapshots, the manifests of all snapshots are read, to count the files that only those have.
 */
export async function readRefDrop(
  manifestCache: ManifestCache,
  table: LoadedTable,
  intent: DropRef,
  { catalog, signal }: { catalog: CatalogClient; signal: AbortSignal },
): Promise<RefDropPreview> {
  const { metadata } = table
  const { refName, snapshotId } = intent
  const { unreachableSnapshotIds, earliestExpiryMs } = refMove(metadata, { refName, toSnapshotId: null })
  const isLeftBehind = unreachableSnapshotIds.length > 0
  return {
    intent,
    snapshotId,
    otherRefs: Object.entries(metadata.refs)
      .filter(([name]) => name !== refName)
      .map(([name, ref]) => ({ name, type: ref.type })),
    unreferencedSnapshotIds: [...unreachableSnapshotIds],
    unreferencedExpireAtMs: earliestExpiryMs,
    figures:
      isLeftBehind && metadata.snapshots.length <= MAX_WALKED_SNAPSHOTS
        ? await countLeftBehind(manifestCache, table, new Set(unreachableSnapshotIds), signal)
        : null,
    needsConfirmation: losesSnapshots(metadata, [intent]),
    request: await buildChangeRequest(catalog, table, [intent], signal),
  }
}

async function countLeftBehind(
  manifestCache: ManifestCache,
  table: LoadedTable,
  leftIds: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<LeftBehind> {
  const { metadata, store } = table
  const source = createManifestSource(manifestCache, table, { store, signal })
  const group = (name: 'retained' | 'unreferenced'): SnapshotGroup<'retained' | 'unreferenced'> => ({
    name,
    metadata,
    snapshots: metadata.snapshots.filter(({ snapshotId }) => leftIds.has(snapshotId) === (name === 'unreferenced')),
    async *readManifests(snapshot) {
      signal.throwIfAborted()
      yield* await readSnapshotManifests({ metadata, snapshot }, source)
    },
    async *readFiles(manifest) {
      for (const { status, dataFile } of await readManifestEntries(metadata, manifest, source))
        if (status !== 'deleted') yield dataFile
    },
  })
  const totals = await sumByGroup(reachedFiles([group('retained'), group('unreferenced')]))
  const figures = (name: 'retained' | 'unreferenced') => {
    const { data = NO_FILES, deletes = NO_FILES } = Object.fromEntries(totals.get(name) ?? [])
    return {
      snapshots: group(name).snapshots.length,
      rows: data.recordCount,
      dataFiles: data.fileCount,
      deleteFiles: deletes.fileCount,
      bytes: Number(data.sizeBytes + deletes.sizeBytes),
    }
  }
  return { retained: figures('retained'), unreferenced: figures('unreferenced') }
}
