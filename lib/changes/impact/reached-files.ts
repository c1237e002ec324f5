import type { DataFile, ManifestFile } from '../../iceberg/manifest/manifest'
import type { Snapshot, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { LocationSet } from './location-set'

/** Snapshots whose files are counted together. */
export type SnapshotGroup<Name> = {
  name: Name
  metadata: Pick<TableMetadata, 'statistics' | 'partitionStatistics'>
  snapshots: readonly Snapshot[]
  /** The manifests of a snapshot. */
  readManifests(snapshot: Snapshot): AsyncIterable<ManifestFile>
  /** The live files of a manifest, data and deletes. */
  readFiles(
    manifest: ManifestFile,
  ): AsyncIterable<Pick<DataFile, 'content' | 'fileFormat' | 'filePath' | 'fileSizeBytes' | 'recordCount'>>
}

/** A file of deletion vectors may apply to many data files. */
export type FileContent = DataFile['content'] | 'deletion-vectors'

export type ReachedFile<Name> = {
  group: Name
  kind: 'data' | 'deletes' | 'manifest' | 'manifest-list' | 'statistics'
  /** The content of a data or delete file; null for metadata. */
  content: FileContent | null
  location: string
  /** Null if no metadata says it. */
  sizeBytes: number | null
  /** Rows or deletes of a file; null for metadata. */
  recordCount: number | null
}

/**
 * Every file of a table once, in the first group that reaches it. With the retained snapshots in the first groups and
 * the expired ones in the last, the files of the last group are reached only by expired snapshots: a file that is live
 * in a retained manifest is never among them, whichever commits added or removed it. Tables that share the location are
 * further groups at the front.
 *
 * Every manifest list and every distinct manifest is read once, one at a time; 63 bits of the location of each file are
 * held in memory (see {@link LocationSet}). A file that cannot be read stops the walk, because it may be the one that
 * reaches another file.
 *
 * @param normalize brings locations of one file into one spelling, such as `s3a:` and `s3:`
 * @throws {AppError} too-large, and the errors of the reader
 */
export async function* reachedFiles<Name>(
  groups: readonly SnapshotGroup<Name>[],
  normalize: (location: string) => string = (location) => location,
): AsyncGenerator<ReachedFile<Name>> {
  const locations = new LocationSet()
  const known = { add: (location: string) => locations.add(normalize(location)) }
  const ofMetadata = { content: null, recordCount: null }
  for (const { name: group, metadata, snapshots, readManifests, readFiles } of groups) {
    for (const { location, sizeBytes } of statisticsFiles(metadata, snapshots))
      if (known.add(location)) yield { ...ofMetadata, group, kind: 'statistics', location, sizeBytes }
    for (const snapshot of snapshots) {
      const { manifestList } = snapshot
      if (manifestList !== null && known.add(manifestList))
        yield { ...ofMetadata, group, kind: 'manifest-list', location: manifestList, sizeBytes: null }
      for await (const manifest of readManifests(snapshot)) {
        const { manifestPath, manifestLengthBytes } = manifest
        if (!known.add(manifestPath)) continue
        yield { ...ofMetadata, group, kind: 'manifest', location: manifestPath, sizeBytes: manifestLengthBytes }
        for await (const { content: said, fileFormat, filePath, fileSizeBytes, recordCount } of readFiles(manifest)) {
          if (!known.add(filePath)) continue
          const kind = said === 'data' ? 'data' : 'deletes'
          const content = kind === 'deletes' && fileFormat === 'puffin' ? 'deletion-vectors' : said
          yield { group, kind, content, location: filePath, sizeBytes: fileSizeBytes, recordCount }
        }
      }
    }
  }
}

function statisticsFiles(
  { statistics, partitionStatistics }: SnapshotGroup<unknown>['metadata'],
  snapshots: readonly Snapshot[],
): { location: string; sizeBytes: number | null }[] {
  const ids = new Set(snapshots.map(({ snapshotId }) => snapshotId))
  return [...statistics, ...partitionStatistics].flatMap((file) => {
    const { 'snapshot-id': id, 'statistics-path': location, 'file-size-in-bytes': size } = file
    const isOfGroup = (typeof id === 'number' || typeof id === 'bigint') && ids.has(String(id))
    return isOfGroup && typeof location === 'string'
      ? [{ location, sizeBytes: typeof size === 'number' ? size : null }]
      : []
  })
}
