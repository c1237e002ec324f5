import 'server-only'
import { randomBytes, randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { DataFile, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import { readManifestList, writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { assignRowIds } from '@/lib/iceberg/manifest/assign-row-ids'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient, CommittedTable, LoadedTable } from '@/server/catalog/catalog-client'
import { metadataFolder } from '@/server/catalog/table-folders'
import { auditChange, newAuditId } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { ObjectStore } from '@/server/storage/object-store'
import { appendSummary } from './append-summary'
import { commitAuditEntry } from './commit-audit-entry'
import { avroCodecs } from '../avro-codecs'

export type AppendRequest = {
  catalog: CatalogClient
  store: ObjectStore
  identifier: TableIdentifier
  /** At least one file, all of one spec; already written, durable and inside the warehouse. */
  files: readonly DataFile[]
  specId: number
  /** The schema the files were written with. */
  schemaId: number
  /** Further summary fields; `operation` and the counts are added here. */
  summary?: Readonly<Record<string, string>>
  /** Further changes to write with the commit. The audit row is added here. */
  alongside?: (committed: CommittedTable) => readonly Change[]
  /**
   * An id from {@link newSnapshotId}, for callers that record it first, to find out later whether the append happened.
   */
  snapshotId?: string
  /**
   * Called with each metadata file before it is written; an error stops the append. The commit follows the manifest
   * list.
   */
  beforeWrite?: (location: string, kind: MetadataFileKind) => Promise<void>
  /** The time of the snapshot and of its audit row, see `CommitOptions`; now if absent. */
  committedAtMs?: number
  actor: Actor
  requestId?: string | null
  signal: AbortSignal
}

type MetadataFileKind = 'manifest' | 'manifest list'
export type AppendResult = { table: LoadedTable; snapshotId: string; auditId: string }

/** Entries of one new manifest: about 8 MiB, the default of Iceberg's `commit.manifest.target-size-bytes`. */
const FILES_PER_MANIFEST = 20_000

/**
 * Adds files to the tip of `main` as one snapshot. Existing manifests are carried over unchanged. When another writer
 * commits first, the manifest list is rewritten on top of that commit, with the next sequence number and, in format v3,
 * the next row ids.
 *
 * A failure with a known outcome removes the manifests and lists written here (the data files belong to the caller).
 * After an unknown outcome nothing is removed.
 *
 * @throws {AppError} commit-conflict when other writers kept committing first, commit-state-unknown, not-supported for
 *   tables of format version 1, and what the catalog and the store throw
 */
export async function appendFiles(log: Log, append: AppendRequest): Promise<AppendResult> {
  const { catalog, identifier, signal, committedAtMs, snapshotId = newSnapshotId() } = append
  const at = committedAtMs === undefined ? {} : { committedAtMs }
  for (const { filePath } of append.files) append.store.checkLocation(filePath)
  const start = await catalog.loadTable(identifier, { signal })
  const entryId = newAuditId()
  const writtenFiles = new WrittenFiles(log, append)
  try {
    const manifests = await writeManifests(append, start.metadata, snapshotId, writtenFiles)
    const change = async ({ metadata }: LoadedTable): Promise<TableChange> => {
      requireUnchangedSpec(append, start.metadata, metadata)
      return {
        requirements: [
          { type: 'assert-table-uuid', uuid: start.metadata.tableUuid },
          { type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: metadata.refs.main?.snapshotId ?? null },
        ],
        updates: [
          {
            action: 'add-snapshot',
            snapshot: await writeSnapshot(append, metadata, snapshotId, manifests, writtenFiles),
          },
          { action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch', ...branchRetention(metadata) },
        ],
      }
    }
    const alongside = (committed: CommittedTable): Change[] => [
      auditChange(
        commitAuditEntry(committed, { actor: append.actor, action: 'append', requestId: append.requestId ?? null }),
        { id: entryId, ...(committedAtMs !== undefined && { atMs: committedAtMs }) },
      ),
      ...(append.alongside?.(committed) ?? []),
    ]
    const table = await catalog.commitTable(identifier, change, { alongside, signal, ...at })
    const committedList = findManifestList(table, snapshotId)
    // A catalog may leave snapshots out of its answer. It is then unknown which manifest list was committed.
    if (committedList !== null)
      await writtenFiles.removeAllExcept([...manifests.map(({ manifestPath }) => manifestPath), committedList])
    return { table, snapshotId, auditId: entryId }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'commit-state-unknown')) await writtenFiles.removeAllExcept([])
    throw error
  }
}

/** A random positive 63-bit id, as text. */
export function newSnapshotId(): string {
  const snapshotId = randomBytes(8).readBigUInt64BE() >> 1n
  return snapshotId === 0n ? newSnapshotId() : snapshotId.toString()
}

/** Sequence numbers are added in the manifest list, so a manifest does not depend on the order of commits. */
async function writeManifests(
  { files, specId, schemaId }: AppendRequest,
  metadata: TableMetadata,
  snapshotId: string,
  writtenFiles: WrittenFiles,
): Promise<Omit<ManifestFile, 'sequenceNumber'>[]> {
  const schema = metadata.schemas.find((one) => one.schemaId === schemaId)
  const spec = metadata.partitionSpecs.find((one) => one.specId === specId)
  if (!schema || !spec) {
    throw new AppError('invalid-request', `The table has no schema ${schemaId} or no partition spec ${specId}.`)
  }
  const commitId = randomUUID()
  const manifests: Omit<ManifestFile, 'sequenceNumber'>[] = []
  for (let offset = 0; offset < files.length; offset += FILES_PER_MANIFEST) {
    const entries = files
      .slice(offset, offset + FILES_PER_MANIFEST)
      .map((dataFile) => ({ status: 'added' as const, dataFile }))
    const header = { formatVersion: metadata.formatVersion, content: 'data' as const, schema, spec, snapshotId }
    const { bytes, summary } = writeManifest(entries, header, avroCodecs)
    const manifestPath = `${metadataFolder(metadata)}/${commitId}-m${manifests.length}.avro`
    await writtenFiles.write(manifestPath, 'manifest', bytes)
    manifests.push({ ...summary, manifestPath, minSequenceNumber: summary.minSequenceNumber ?? 0 })
  }
  return manifests
}

/**
 * A manifest is read by the spec that it names. A spec that no manifest used may have been removed in the meantime, and
 * its id given to another spec.
 *
 * @throws {AppError} commit-conflict; for a table that was created again, the requirements report the difference
 */
function requireUnchangedSpec({ specId }: AppendRequest, before: TableMetadata, current: TableMetadata): void {
  const findSpecFields = ({ partitionSpecs }: TableMetadata) =>
    partitionSpecs.find((one) => one.specId === specId)?.fields
  if (current.tableUuid !== before.tableUuid || isDeepStrictEqual(findSpecFields(current), findSpecFields(before)))
    return
  throw new AppError(
    'commit-conflict',
    `The partition spec ${specId} was removed while files were being written with it.`,
    {
      facts: { specId },
    },
  )
}

/** The new snapshot on the current tip. Each call writes another manifest list. */
async function writeSnapshot(
  append: AppendRequest,
  metadata: TableMetadata,
  snapshotId: string,
  manifests: readonly Omit<ManifestFile, 'sequenceNumber'>[],
  writtenFiles: WrittenFiles,
): Promise<Snapshot> {
  const parentSnapshotId = metadata.refs.main?.snapshotId ?? null
  const parent = metadata.snapshots.find((one) => one.snapshotId === parentSnapshotId)
  const sequenceNumber = metadata.lastSequenceNumber + 1
  const added = manifests.map((manifest) => ({ ...manifest, sequenceNumber, minSequenceNumber: sequenceNumber }))
  const carriedOver = parent ? await readParentManifests(append, parent) : []
  const { formatVersion, nextRowId: firstRowId } = metadata
  const rowIds = firstRowId === null ? null : { firstRowId, ...assignRowIds([...added, ...carriedOver], firstRowId) }
  const header = {
    formatVersion,
    snapshotId,
    parentSnapshotId,
    sequenceNumber,
    ...(rowIds && { firstRowId: rowIds.firstRowId }),
  }
  const bytes = writeManifestList(rowIds?.manifests ?? [...added, ...carriedOver], header, avroCodecs)
  const manifestList = `${metadataFolder(metadata)}/snap-${snapshotId}-${writtenFiles.nextAttempt()}-${randomUUID()}.avro`
  await writtenFiles.write(manifestList, 'manifest list', bytes)
  return {
    snapshotId,
    parentSnapshotId,
    sequenceNumber,
    timestampMs: Math.max(append.committedAtMs ?? Date.now(), metadata.lastUpdatedMs),
    manifestList,
    summary: { ...append.summary, ...appendSummary(append.files, metadata, parent?.summary ?? null) },
    schemaId: metadata.currentSchemaId,
    ...(rowIds && { firstRowId: rowIds.firstRowId, addedRows: rowIds.addedRows }),
  }
}

async function readParentManifests(
  { store, signal }: AppendRequest,
  { manifestList, snapshotId }: Snapshot,
): Promise<ManifestFile[]> {
  if (manifestList === null) {
    throw new AppError('not-supported', `Snapshot ${snapshotId} lists its manifests in the metadata, as format v1 did.`)
  }
  return readManifestList(await store.read(manifestList, { signal }), avroCodecs, { location: manifestList })
}

/** The branch's retention settings, which stay unchanged. */
function branchRetention({ refs }: TableMetadata) {
  const { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs } = refs.main ?? {}
  return {
    ...(minSnapshotsToKeep !== undefined && { minSnapshotsToKeep }),
    ...(maxSnapshotAgeMs !== undefined && { maxSnapshotAgeMs }),
    ...(maxRefAgeMs !== undefined && { maxRefAgeMs }),
  }
}

function findManifestList({ metadata }: LoadedTable, snapshotId: string): string | null {
  return metadata.snapshots.find((one) => one.snapshotId === snapshotId)?.manifestList ?? null
}

/** The metadata files that one append wrote. Only these may be removed. */
class WrittenFiles {
  readonly #log: Log
  readonly #append: AppendRequest
  readonly #locations: string[] = []
  #attempts = 0

  constructor(log: Log, append: AppendRequest) {
    this.#log = log

    this.#append = append
  }

  nextAttempt(): number {
    this.#attempts += 1
    return this.#attempts
  }

  async write(location: string, kind: MetadataFileKind, bytes: Uint8Array): Promise<void> {
    await this.#append.beforeWrite?.(location, kind)
    this.#locations.push(location)
    await this.#append.store.writeNew(location, bytes)
  }

  /** A leftover file is harmless, so a failed removal does not change the outcome of the append. */
  async removeAllExcept(locationsToKeep: readonly string[]): Promise<void> {
    for (const location of this.#locations.filter((one) => !locationsToKeep.includes(one))) {
      try {
        await this.#append.store.remove(location)
      } catch (error) {
        this.#log.error(error, { doing: 'removing a file of an append that was not committed', location })
      }
    }
  }
}
