import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { createManifestSource } from '@/server/table/files/live-files'

type SourceArgs = Parameters<typeof createManifestSource>

/** The manifests of a snapshot in the order of its manifest list; empty for a table without a snapshot. */
export async function readManifests(
  manifestCache: SourceArgs[0],
  table: SourceArgs[1],
  snapshot: Snapshot | null,
  options: SourceArgs[2],
): Promise<ManifestFile[]> {
  return readSnapshotManifests(
    { metadata: table.metadata, snapshot },
    createManifestSource(manifestCache, table, options),
  )
}
