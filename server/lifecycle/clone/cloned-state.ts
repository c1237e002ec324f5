import 'server-only'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { isDeletionVector } from '@/lib/iceberg/operations/operation'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { schemaOfId } from '@/lib/iceberg/metadata/current-layout'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Schema } from '@/lib/iceberg/schema/types'
import { sum } from '@/lib/sum'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import type { ManifestCache } from '@/server/table/manifest-cache'
import { MAX_FILES } from './clone-task'

/** How a file gets into the clone. Deletes by position name data files by their paths, which a copy has to change. */
export type CloneFileKind = 'data' | 'equality-deletes' | 'position-deletes' | 'deletion-vectors'

/** A file to copy, with all entries of manifests that name it: several deletion vectors can be in one file. */
export type ClonedFile = { kind: CloneFileKind; path: string; entries: readonly [LiveFile, ...LiveFile[]] }

/** The state of a table that is cloned. */
export type ClonedState = {
  snapshot: Snapshot | null
  schema: Schema
  /** Data files first. */
  files: readonly ClonedFile[]
}

/**
 * Reads which files a snapshot has.
 *
 * @throws {AppError} not-found for a snapshot or schema that the table no longer has; what reading manifests throws
 */
export async function readClonedState(
  manifestCache: ManifestCache,
  table: LoadedTable,
  { snapshotId, schemaId }: { snapshotId: string | null; schemaId: number },
  signal: AbortSignal,
): Promise<ClonedState> {
  const { metadata, store } = table
  const snapshot = metadata.snapshots.find((one) => one.snapshotId === snapshotId) ?? null
  if (snapshotId !== null && snapshot === null) {
    throw new AppError('not-found', `The table no longer has the snapshot ${snapshotId}.`, { facts: { snapshotId } })
  }
  const schema = schemaOfId(metadata, schemaId)
  const live = await readLiveFiles(manifestCache, table, snapshot, { store, signal })
  const byPath = Map.groupBy(live, ({ dataFile }) => dataFile.filePath)
  const files = [...byPath].flatMap(([path, [first, ...others]]): ClonedFile[] =>
    first ? [{ kind: kindOf(first.dataFile), path, entries: [first, ...others] }] : [],
  )
  return { snapshot, schema, files: files.toSorted((a, b) => Number(a.kind !== 'data') - Number(b.kind !== 'data')) }
}

function kindOf(file: DataFile): CloneFileKind {
  if (file.content !== 'position-deletes') return file.content
  return isDeletionVector(file) ? 'deletion-vectors' : 'position-deletes'
}

/** Reasons why a state cannot be cloned, in sentences. */
export function cloneProblems(
  { formatVersion }: Pick<TableMetadata, 'formatVersion'>,
  { files }: ClonedState,
): string[] {
  const problems: string[] = []
  const positions = files.filter(({ kind }) => kind === 'position-deletes')
  const formats = new Set(positions.map(({ entries: [{ dataFile }] }) => dataFile.fileFormat))
  const count = formatCount(positions.length)
  if (files.length > MAX_FILES) {
    problems.push(`It has ${formatCount(files.length)} files. A clone copies at most ${formatCount(MAX_FILES)}.`)
  }
  if (positions.length > 0 && formatVersion > 2) {
    problems.push(
      `It has ${count} position delete files from before format version 3. A new table of version 3 cannot have them: rewrite them as deletion vectors first, for example with Spark's rewrite_position_delete_files.`,
    )
  } else if (formats.has('orc')) {
    problems.push(
      'It has position delete files that are written as ORC, which Lakeshore cannot read. They name data files by their paths: rewrite them first.',
    )
  }
  return problems
}

export type ClonedFigures = {
  dataFileCount: number
  equalityDeleteFileCount: number
  positionDeleteFileCount: number
  deletionVectorCount: number
  rowCount: number
  fileBytes: number
}

export function clonedFigures({ files }: ClonedState): ClonedFigures {
  const of = (kind: CloneFileKind) => files.filter((file) => file.kind === kind)
  return {
    dataFileCount: of('data').length,
    equalityDeleteFileCount: of('equality-deletes').length,
    positionDeleteFileCount: of('position-deletes').length,
    deletionVectorCount: sum(of('deletion-vectors').map(({ entries }) => entries.length)),
    rowCount: sum(of('data').map(({ entries: [{ dataFile }] }) => dataFile.recordCount)),
    fileBytes: sum(files.map(({ entries: [{ dataFile }] }) => dataFile.fileSizeBytes)),
  }
}
