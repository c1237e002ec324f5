import 'server-only'
import { RETAINED_PARTS, type RetainedPart } from '@/lib/facts/storage-part'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { type FileEntry, toFileEntry } from './stored-files'

/** Larger histories are not read: each snapshot costs a file, and each manifest another one. */
const MAX_SNAPSHOTS = 1_000
const MAX_MANIFESTS = 5_000
const MAX_FILES = 500_000

/**
 * The bytes of files that only snapshots hold, by the reason: branches and tags whose commits `main` never had, a
 * rewrite that replaced them, or any other commit or rollback.
 *
 * @param live the files of `main`
 * @returns null if the table has too many snapshots or manifests
 * @throws {AppError} as `readSnapshotManifests`
 */
export async function readRetainedParts(
  metadata: TableMetadata,
  live: readonly FileEntry[],
  source: ManifestSource,
): Promise<Record<RetainedPart, number> | null> {
  if (metadata.snapshots.length > MAX_SNAPSHOTS) return null
  const manifests = await findManifests(metadata, source)
  if (manifests === null) return null
  const liveKeys = new Set(live.map(({ key }) => key))
  const held = new Map<string, { bytes: number; isOnlyOnBranch: boolean }>()
  const replaced = new Set<string>()
  const operations = new Map(metadata.snapshots.map(({ snapshotId, summary }) => [snapshotId, summary['operation']]))
  for (const { manifest, isOnlyOnBranch } of manifests) {
    source.signal?.throwIfAborted()
    for (const entry of await readManifestEntries(metadata, manifest, source)) {
      const { key, fileBytes } = toFileEntry(entry)
      if (entry.status === 'deleted') {
        if (isByRewrite(entry, operations)) replaced.add(key)
        continue
      }
      if (liveKeys.has(key)) continue
      const known = held.get(key)
      held.set(key, {
        bytes: fileBytes,
        isOnlyOnBranch: isOnlyOnBranch && (known?.isOnlyOnBranch ?? true),
      })
    }
    if (held.size > MAX_FILES) return null
  }
  const bytes: Record<RetainedPart, number> = { history: 0, branches: 0, superseded: 0 }
  for (const [key, file] of held) {
    bytes[file.isOnlyOnBranch ? 'branches' : replaced.has(key) ? 'superseded' : 'history'] += file.bytes
  }
  return bytes
}

/** As parts of a table; those without bytes are left out. */
export function toRetainedParts(
  bytes: Record<RetainedPart, number>,
): [RetainedPart, { stored: number; encoded: 0; plain: 0 }][] {
  return RETAINED_PARTS.filter((part) => bytes[part] > 0).map((part) => [
    part,
    { stored: bytes[part], encoded: 0, plain: 0 },
  ])
}

function isByRewrite({ snapshotId }: ManifestEntry, operations: ReadonlyMap<string, string | undefined>): boolean {
  return snapshotId !== null && operations.get(snapshotId) === 'replace'
}

/** The manifests of all snapshots, each once. */
async function findManifests(
  metadata: TableMetadata,
  source: ManifestSource,
): Promise<{ manifest: ManifestFile; isOnlyOnBranch: boolean }[] | null> {
  const onBranches = findBranchSnapshots(metadata)
  const found = new Map<string, { manifest: ManifestFile; isOnlyOnBranch: boolean }>()
  for (const snapshot of metadata.snapshots) {
    source.signal?.throwIfAborted()
    const isOnBranch = onBranches.has(snapshot.snapshotId)
    for (const manifest of await readSnapshotManifests({ metadata, snapshot }, source)) {
      const known = found.get(manifest.manifestPath)
      found.set(manifest.manifestPath, { manifest, isOnlyOnBranch: isOnBranch && (known?.isOnlyOnBranch ?? true) })
    }
    if (found.size > MAX_MANIFESTS) return null
  }
  return [...found.values()]
}

/** Snapshots that branches and tags have and `main` does not. Those that `main` lost by a rollback are not among them. */
function findBranchSnapshots({ snapshots, refs, currentSnapshotId }: TableMetadata): Set<string> {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const ofMain = new Set(lineOf(byId, currentSnapshotId))
  const ids = Object.entries(refs).flatMap(([name, { snapshotId }]) =>
    name === MAIN_BRANCH ? [] : lineOf(byId, snapshotId),
  )
  return new Set(ids.filter((id) => !ofMain.has(id)))
}

function lineOf(byId: ReadonlyMap<string, Snapshot>, lastId: string | null): string[] {
  const ids: string[] = []
  const seen = new Set<string>()
  let at = lastId
  while (at !== null && !seen.has(at)) {
    seen.add(at)
    const snapshot = byId.get(at)
    if (!snapshot) break
    ids.push(at)
    at = snapshot.parentSnapshotId
  }
  return ids
}
