import 'server-only'
import { randomBytes, randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { SnapshotOperation, SnapshotReader } from '@/lib/iceberg/operations/operation'
import { SnapshotProducer, type SnapshotWriter } from '@/lib/iceberg/operations/snapshot-producer'
import { DeleteIndex } from '@/lib/scan/deletes/delete-index'
import { columnTypes } from '@/lib/scan/deletes/key-bounds'
import { type ManifestSource, readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { CommittedTable } from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { metadataFolder } from '@/server/catalog/folders/table-folders'
import { type AuditState, newAuditId } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { ObjectStore } from '@/server/storage/object-store'
import { avroCodecs } from '../../codecs/avro-codecs'
import { recordCommit, type WriteRecord } from '@/server/policy/recorded-write'
import { clock } from '@/server/timing/clock'
import { requireBranchLeft } from './removed-branch'
import { commitAuditEntry, plannedCommitEntry } from './commit-audit-entry'
import { type BeforeWrite, WrittenFiles } from './written-files'

export type OperationRequest = {
  catalog: CatalogClient
  store: ObjectStore
  identifier: TableIdentifier
  /** `main` if absent. */
  branch?: string
  /** Further changes to write with the commit. The audit row is added here. */
  alongside?: (committed: CommittedTable) => readonly Change[]
  /**
   * An id from {@link newSnapshotId}, for callers that record it first, to find out later whether the commit happened.
   */
  snapshotId?: string
  beforeWrite?: BeforeWrite
  /** Whether manifests are merged, as the properties of the table say. */
  mergesManifests?: boolean
  /** The time of the snapshot and of its audit row, see `CommitOptions`; now if absent. */
  committedAtMs?: number
  /** The action in the audit. */
  auditAction: string
  /** The columns and fields that a load did not fill or read. */
  auditedFields?: AuditState['fields']
  /** The commit as intents, so that the audit has their reverse; empty if absent. */
  auditedIntents?: (committed: CommittedTable) => readonly Intent[]
  /** Rows that are written together with the commit; if absent, those of a run, without an idempotency key. */
  record?: WriteRecord
  /** The proposal that started the run: the audit entry names it. It has ended already. */
  proposal?: Proposal | undefined
  actor: Actor
  requestId?: string | null
  signal: AbortSignal
}

export type OperationResult = { table: LoadedTable; snapshotId: string; auditId: string }

/** Plans the changes of the table's files from its current metadata. */
export type PlanOperation = (
  metadata: TableMetadata,
  reader: SnapshotReader,
) => Promise<{
  /** Makes a commit without a new snapshot, when the base allows that. */
  withoutSnapshot?: (metadata: TableMetadata) => TableChange | null
  /** Null when only `withoutSnapshot` is possible. */
  operation: SnapshotOperation | null
}>

/**
 * Commits an operation as one snapshot on the tip of a branch. When another writer commits first, the operation is
 * validated again and its manifest list rewritten on top of that commit.
 *
 * A failure with a known outcome removes the manifests and lists written here (data and delete files belong to the
 * caller). After an unknown outcome nothing is removed.
 *
 * @returns `snapshotId` of the new tip
 * @throws {AppError} commit-conflict when other writers committed first in each attempt, or changed what the operation
 * depends on;
 *   commit-state-unknown, not-supported, and what the catalog and the store throw
 */
export async function runOperation(log: Log, request: OperationRequest, plan: PlanOperation): Promise<OperationResult> {
  const { catalog, store, identifier, branch = 'main', mergesManifests = false, signal, committedAtMs } = request
  const at = committedAtMs === undefined ? {} : { committedAtMs }
  const start = await catalog.loadTable(identifier, { signal })
  const reader = createSnapshotReader(store, signal)
  const { operation, withoutSnapshot = () => null } = await plan(start.metadata, reader)
  for (const { dataFile } of operation?.added ?? []) store.checkLocation(dataFile.filePath)
  const { proposal } = request
  const record = request.record ?? {
    auditId: newAuditId(),
    actor: request.actor,
    committedAtMs,
    proposal,
    endsProposal: false,
  }
  const { auditId } = record
  const writtenFiles = new WrittenFiles(log, store, request.beforeWrite)
  const writer = createSnapshotWriter(request, start.metadata, writtenFiles)
  const producer = operation && new SnapshotProducer(operation, { branch, reader, writer, mergesManifests })
  let attempt: Attempt = { tipId: writer.snapshotId, manifestPaths: null }
  try {
    if (producer && withoutSnapshot(start.metadata) === null) await producer.prepare(start.metadata)
    const change = async ({ metadata }: LoadedTable): Promise<TableChange> => {
      requireBranchLeft(start.metadata, metadata, branch)
      const changeWithoutSnapshot = withoutSnapshot(metadata)
      if (changeWithoutSnapshot) {
        attempt = { tipId: findTip(changeWithoutSnapshot) ?? writer.snapshotId, manifestPaths: null }
        return changeWithoutSnapshot
      }
      if (!producer) {
        throw new AppError('commit-conflict', `${branch} has moved, so the commit no longer applies.`, {
          facts: { branch },
        })
      }
      const produced = await producer.produce(metadata)
      for (const problem of produced.mergeProblems)
        log.warning(problem, { doing: 'merging manifests', tableUuid: metadata.tableUuid })
      const manifestPaths = produced.manifests.map(({ manifestPath }) => manifestPath)
      attempt = { tipId: writer.snapshotId, manifestPaths }
      return produced.change
    }
    const { actor, auditAction: action, requestId = null } = request
    const { auditedFields: fields, beforeWrite } = request
    const audited = { actor, action, requestId, ...(fields && { fields }) }
    const table = await catalog.write(
      { kind: 'commit-table', table: identifier, change },
      {
        ...recordCommit(record, {
          known: plannedCommitEntry(identifier, audited),
          toEntry: (committed) =>
            commitAuditEntry(committed, { ...audited, intents: request.auditedIntents?.(committed) ?? [] }),
          alongside: (committed) => request.alongside?.(committed) ?? [],
        }),
        signal,
        ...at,
        ...(beforeWrite && { beforeMetadata: (location: string) => beforeWrite(location, 'table metadata') }),
      },
    )
    const { tipId, manifestPaths } = attempt
    if (manifestPaths === null) await writtenFiles.removeAllExcept([])
    const committedList = findManifestList(table, writer.snapshotId)
    // A catalog may leave snapshots out of its answer. It is then unknown which manifest list was committed.
    if (manifestPaths && committedList !== null) await writtenFiles.removeAllExcept([...manifestPaths, committedList])
    return { table, snapshotId: tipId, auditId }
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'commit-state-unknown')) await writtenFiles.removeAllExcept([])
    throw error
  }
}

/** The last attempt's request to the catalog: the new tip, and the manifests of its snapshot if it has one. */
type Attempt = { tipId: string; manifestPaths: readonly string[] | null }

function findTip({ updates }: TableChange): string | null {
  return updates.find((update) => update.action === 'set-snapshot-ref')?.snapshotId ?? null
}

/** A random positive 63-bit id, as text. */
export function newSnapshotId(): string {
  const snapshotId = randomBytes(8).readBigUInt64BE() >> 1n
  return snapshotId === 0n ? newSnapshotId() : snapshotId.toString()
}

/** Reads the commits of other writers, without a cache: each manifest is read once per operation. */
function createSnapshotReader(store: ObjectStore, signal: AbortSignal): SnapshotReader {
  const source = { readFile: (location: string) => store.read(location, { signal }), codecs: avroCodecs, signal }
  return snapshotReader(() => source)
}

export function snapshotReader(sourceOf: (metadata: TableMetadata) => ManifestSource): SnapshotReader {
  return {
    readManifests: (metadata, snapshot) => readSnapshotManifests({ metadata, snapshot }, sourceOf(metadata)),
    readEntries: (metadata, manifest) => readManifestEntries(metadata, manifest, sourceOf(metadata)),
    indexDeletes: (metadata, entries) => new DeleteIndex(entries, metadata.partitionSpecs, columnTypes(metadata)),
  }
}

function createSnapshotWriter(
  { committedAtMs, snapshotId = newSnapshotId() }: OperationRequest,
  metadata: TableMetadata,
  writtenFiles: WrittenFiles,
): SnapshotWriter {
  const folder = metadataFolder(metadata)
  const commitId = randomUUID()
  let [manifestCount, attemptCount] = [0, 0]
  return {
    snapshotId,
    codecs: avroCodecs,
    async writeManifest(bytes) {
      const location = `${folder}/${commitId}-m${manifestCount}.avro`
      manifestCount += 1
      await writtenFiles.write(location, 'manifest', bytes)
      return location
    },
    async writeManifestList(bytes) {
      attemptCount += 1
      const location = `${folder}/snap-${snapshotId}-${attemptCount}-${randomUUID()}.avro`
      await writtenFiles.write(location, 'manifest list', bytes)
      return location
    },
    nowMs: () => committedAtMs ?? clock.nowMs(),
  }
}

function findManifestList({ metadata }: LoadedTable, snapshotId: string): string | null {
  return metadata.snapshots.find((one) => one.snapshotId === snapshotId)?.manifestList ?? null
}
