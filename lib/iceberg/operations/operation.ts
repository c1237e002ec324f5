import type { DataFile, ManifestEntry, ManifestFile } from '../manifest/manifest'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'

/**
 * The changes of a writer to the files of a branch, without how they are written and committed. Each kind has a module
 * that builds it (`append`, `overwrite`, `row-delta`, `replace`, `cherry-pick`); `SnapshotProducer` turns it into
 * manifests and a snapshot.
 *
 * Spec: Iceberg table spec, *Snapshots*, summary field `operation`; the checks are those of the reference
 * implementation.
 */
export type SnapshotOperation = {
  /** The summary's `operation`. */
  name: 'append' | 'overwrite' | 'delete' | 'replace'
  added: readonly AddedFile[]
  /** Data and delete files to remove, as they were read. Their location, spec and partition find them. */
  removed: readonly DataFile[]
  /** Removes every file whose rows all match. A data file of which only some rows match makes the operation fail. */
  removedWhere: RowFilter | null
  /** Whether the operation fails when a file of `removed` is no longer in the table. */
  requiresRemoved: boolean
  /** Further summary fields. */
  summary: Readonly<Record<string, string>>
  /** The schema of the manifests of added files; by default the newest with the columns of their spec. */
  schemaId: number | null
  /**
   * Checks that the operation is still valid on a base, which may be newer than the one it was planned on.
   *
   * @throws {AppError} commit-conflict naming what another writer changed
   */
  validate(base: OperationBase): Promise<void>
}

/**
 * A new file. It gets the sequence number of the commit unless it replaces older rows.
 *
 * With `fileSequenceNumber` it is as in the table that it was copied from, and its rows keep their ids and the number of
 * their last update. Iceberg's readers inherit these only where an entry leaves them out.
 */
export type AddedFile = { dataFile: DataFile; sequenceNumber?: number; fileSequenceNumber?: number | null }

/** The state that an operation is applied to. */
export type OperationBase = {
  metadata: TableMetadata
  /** The tip of the branch; null if it has none yet. */
  parent: Snapshot | null
  reader: SnapshotReader
}

/** Reads the commits of other writers. This module does not read storage itself. */
export type SnapshotReader = {
  readManifests(metadata: TableMetadata, snapshot: Snapshot): Promise<readonly ManifestFile[]>
  /** In the order of the manifest, including entries that are marked as deleted. */
  readEntries(metadata: TableMetadata, manifest: ManifestFile): Promise<readonly ManifestEntry[]>
  indexDeletes(metadata: TableMetadata, entries: readonly ManifestEntry[]): DeleteFinder
}

/** Finds the delete files that apply to a data file. Spec: Iceberg table spec, *Scan Planning*. */
export type DeleteFinder = {
  find(data: ManifestEntry): {
    deletionVector: ManifestEntry | null
    positionDeletes: readonly ManifestEntry[]
    equalityDeletes: readonly ManifestEntry[]
  }
}

/** Judges files by a condition on rows. When it is unsure, it says that rows might match, and never that all must. */
export type RowFilter = {
  /** For messages. */
  text: string
  mightMatchManifest(manifest: ManifestFile): boolean
  /** Whether the file might have a row that matches. */
  mightMatchFile(file: DataFile): boolean
  /** Whether every row of the file matches. */
  mustMatchFile(file: DataFile): boolean
  /** Whether every row of the file's partition matches, whichever file it is in. */
  mustMatchPartition(file: DataFile): boolean
}

/** Every row of the table. */
export const ALL_ROWS: RowFilter = {
  text: 'the table',
  mightMatchManifest: () => true,
  mightMatchFile: () => true,
  mustMatchFile: () => true,
  mustMatchPartition: () => true,
}

export function isDeletionVector({ content, fileFormat }: DataFile): boolean {
  return content === 'position-deletes' && fileFormat === 'puffin'
}

/** The bytes of a file in the sums of a summary: a deletion vector is a part of its file. */
export function countedBytes(file: DataFile): number {
  return isDeletionVector(file) ? (file.contentSizeBytes ?? 0) : file.fileSizeBytes
}

/** Distinguishes the files of a table: several deletion vectors can be in one file. */
export function fileKey(file: DataFile): string {
  return isDeletionVector(file) ? `${file.filePath}\n${file.contentOffset}` : file.filePath
}
