import 'server-only'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import {
  type ManifestSource,
  mapUnlessAborted,
  readManifestEntries,
  readSnapshotManifests,
  toScanOrder,
} from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { createManifestSource } from './live-files'
import { resolveRequestedState } from '@/server/table/requested-state'

/** An entry with the manifest that lists it. */
export type ListedEntry = { manifest: ManifestFile; entry: ManifestEntry }

/** The manifests of a requested state, and how to read their entries. */
export type OpenManifests = {
  snapshot: Snapshot | null
  /** The schema of the requested state. */
  schema: Schema
  /** In the order of the manifest list. */
  manifests: readonly ManifestFile[]
  readEntries(manifest: ManifestFile): Promise<readonly ManifestEntry[]>
  source: ManifestSource
}

/** @throws {AppError} as `resolveRequestedState` and `readSnapshotManifests` do */
export async function openManifests(
  { database, manifestCache }: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  signal: AbortSignal,
): Promise<OpenManifests> {
  const { metadata, store } = table
  const { snapshot, schema } = resolveRequestedState(metadata, asOf, database.nowMs())
  const source = createManifestSource(manifestCache, table, { store, signal })
  const manifests = await readSnapshotManifests({ metadata, snapshot }, source)
  return {
    snapshot,
    schema,
    manifests,
    source,
    readEntries: (manifest) => readManifestEntries(metadata, manifest, source),
  }
}

/** Entries of the live files of a snapshot, in scan order. */
export async function listLiveEntries({ manifests, source, readEntries }: OpenManifests): Promise<ListedEntry[]> {
  const perManifest = await mapUnlessAborted(
    toScanOrder(manifests.filter(mightHoldLiveFiles)),
    source.signal,
    async (manifest) => {
      const entries = await readEntries(manifest)
      return entries.flatMap((entry) => (entry.status === 'deleted' ? [] : [{ manifest, entry }]))
    },
  )
  return perManifest.flat()
}

/** @throws {AppError} not-found when the snapshot has no such manifest */
export function findManifest({ manifests, snapshot }: OpenManifests, manifestPath: string): ManifestFile {
  const found = manifests.find((one) => one.manifestPath === manifestPath)
  if (found) return found
  const facts = { manifestPath, snapshotId: snapshot?.snapshotId ?? null }
  throw new AppError('not-found', 'The snapshot has no such manifest.', { facts })
}

/**
 * The entry of a file. A manifest that is named is the only one that is read.
 *
 * @throws {AppError} not-found when no manifest of the snapshot lists the file
 */
export async function findEntry(
  open: OpenManifests,
  { file, manifest }: { file: string; manifest?: string | undefined },
): Promise<ListedEntry> {
  const candidates = manifest === undefined ? open.manifests : [findManifest(open, manifest)]
  for (const candidate of candidates) {
    const entries = await open.readEntries(candidate)
    const entry = entries.find(({ dataFile }) => dataFile.filePath === file)
    if (entry) return { manifest: candidate, entry }
  }
  const facts = { file, snapshotId: open.snapshot?.snapshotId ?? null }
  throw new AppError('not-found', 'No manifest of the snapshot lists this file.', { facts })
}
