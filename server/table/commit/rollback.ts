import 'server-only'
import type { Services } from '@/server/services'
import type { ManifestCache } from '../manifest-cache'
import type { RollbackImpact } from '@/lib/contract/snapshots'
import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { refMove } from '@/lib/iceberg/impact/ref-move'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { ancestorIds } from '@/lib/iceberg/metadata/snapshot-graph'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Intent } from '@/lib/iceberg/intents/intent'
import type { RollBack } from '@/lib/iceberg/intents/roll-back/words'
import type { SetRef } from '@/lib/iceberg/intents/set-ref/words'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import type { ObjectStore } from '@/server/storage/object-store'
import { buildChangeRequest } from './change-request'
import { commitIntents, type IntentOptions } from './commit-intents'
import { readLiveFiles } from '../live-files'

type FileFacts = { recordCount: number; fileSizeBytes: number; isDelete: boolean }

type ImpactContext = { catalog: CatalogClient; store: ObjectStore; signal: AbortSignal }

/**
 * What moving `main` back to `toSnapshotId` removes and restores. Reads the manifests of both snapshots.
 *
 * @throws {AppError} not-found for a snapshot the table does not have, invalid-request when it is not an ancestor of
 *   `main`
 */
export async function readRollbackImpact(
  manifestCache: ManifestCache,
  table: LoadedTable,
  toSnapshotId: string,
  { safetyTag, ...context }: ImpactContext & { safetyTag: RollBack['safetyTag'] },
): Promise<RollbackImpact> {
  const { metadata } = table
  const from = snapshotById(metadata, metadata.currentSnapshotId)
  const to = snapshotById(metadata, toSnapshotId)
  if (ancestorIds(metadata, from.snapshotId).indexOf(to.snapshotId) <= 0) {
    throw new AppError('invalid-request', `Snapshot ${to.snapshotId} is not an earlier snapshot of main.`)
  }
  const intent: RollBack = {
    kind: 'roll-back',
    fromSnapshotId: from.snapshotId,
    toSnapshotId: to.snapshotId,
    safetyTag,
  }
  return readImpact(manifestCache, table, intent, { ...context, intents: [intent] })
}

/**
 * What moving `main` removes and restores, computed from the live files of both snapshots and not from summaries, which
 * writers may leave out. Reads the manifests of both.
 *
 * @param context.intents of the whole commit
 * @throws {AppError} not-found for a snapshot the table does not have
 */
export async function readImpact(
  manifestCache: ManifestCache,
  table: LoadedTable,
  { fromSnapshotId, toSnapshotId }: Pick<SetRef, 'fromSnapshotId' | 'toSnapshotId'>,
  { catalog, store, intents, signal }: ImpactContext & { intents: readonly Intent[] },
): Promise<RollbackImpact> {
  const { metadata } = table
  const from = snapshotById(metadata, fromSnapshotId)
  const to = snapshotById(metadata, toSnapshotId)
  const [lineageNow, lineageAfter] = [ancestorIds(metadata, from.snapshotId), ancestorIds(metadata, to.snapshotId)]
  const [idsNow, idsAfter] = [new Set(lineageNow), new Set(lineageAfter)]
  const leftIds = lineageNow.filter((id) => !idsAfter.has(id))
  const [currentFiles, targetFiles] = await Promise.all([
    readFiles(manifestCache, table, from, store, signal),
    readFiles(manifestCache, table, to, store, signal),
  ])
  const removed = [...currentFiles].filter(([path]) => !targetFiles.has(path)).map(([, file]) => file)
  const restored = [...targetFiles].filter(([path]) => !currentFiles.has(path)).map(([, file]) => file)
  const toImpactRow = (measure: (files: readonly FileFacts[]) => number) => ({
    now: measure([...currentFiles.values()]),
    removed: measure(removed),
    restored: measure(restored),
    after: measure([...targetFiles.values()]),
  })
  const { unreachableSnapshotIds, earliestExpiryMs } = refMove(metadata, {
    refName: MAIN_BRANCH,
    toSnapshotId: to.snapshotId,
  })
  return {
    fromSnapshotId: from.snapshotId,
    fromCommittedAtMs: from.timestampMs,
    toSnapshotId: to.snapshotId,
    toCommittedAtMs: to.timestampMs,
    rows: toImpactRow((files) => sum(files, (file) => (file.isDelete ? 0 : file.recordCount))),
    dataFiles: toImpactRow((files) => sum(files, (file) => (file.isDelete ? 0 : 1))),
    deleteFiles: toImpactRow((files) => sum(files, (file) => (file.isDelete ? 1 : 0))),
    bytes: toImpactRow((files) => sum(files, (file) => file.fileSizeBytes)),
    schemaNow: metadata.currentSchemaId,
    schemaThen: to.schemaId,
    columnsThenNull: missingColumns(metadata, to),
    stepCount: leftIds.length,
    stepCountForward: lineageAfter.filter((id) => !idsNow.has(id)).length,
    otherRefs: Object.entries(metadata.refs)
      .filter(([name]) => name !== 'main')
      .map(([name, { type }]) => ({ name, type })),
    unreachedSnapshotIds: [...unreachableSnapshotIds],
    unreachedExpireAtMs: earliestExpiryMs,
    request: await buildChangeRequest(catalog, table, intents, signal),
  }
}

function snapshotById(metadata: TableMetadata, snapshotId: string | null): Snapshot {
  const found = metadata.snapshots.find((snapshot) => snapshot.snapshotId === snapshotId)
  if (found) return found
  throw new AppError(
    'not-found',
    snapshotId === null ? 'The table has no snapshot yet.' : `The table has no snapshot ${snapshotId}.`,
    snapshotId === null ? {} : { facts: { snapshotId } },
  )
}

async function readFiles(
  manifestCache: ManifestCache,
  table: LoadedTable,
  snapshot: Snapshot,
  store: ObjectStore,
  signal: AbortSignal,
) {
  const files = await readLiveFiles(manifestCache, table, snapshot, { store, signal })
  return new Map(
    files.map(({ dataFile }): [string, FileFacts] => [
      dataFile.filePath,
      {
        recordCount: dataFile.recordCount,
        fileSizeBytes: dataFile.fileSizeBytes,
        isDelete: dataFile.content !== 'data',
      },
    ]),
  )
}

function sum(files: readonly FileFacts[], measure: (file: FileFacts) => number): number {
  return files.reduce((total, file) => total + measure(file), 0)
}

/** Columns of the table's schema, by path, that the snapshot's own schema does not have. */
function missingColumns(metadata: TableMetadata, snapshot: Snapshot): string[] {
  const schemaNow = currentSchema(metadata)
  const schemaThen = metadata.schemas.find(({ schemaId }) => schemaId === snapshot.schemaId)
  if (!schemaThen) return []
  const known = indexFields(schemaThen)
  return [...indexFields(schemaNow).values()]
    .filter(({ field }) => !known.has(field.id))
    .map(({ path }) => path.join('.'))
}

type RollbackRequest = TableIdentifier & Omit<RollBack, 'kind'> & { confirmedName: string }

/**
 * Moves `main` back, guarded by the tip that the person saw and the name that they confirmed.
 *
 * @throws {AppError} invalid-request when the name is not the table's, or the target is not an ancestor;
 *   commit-conflict when `main` has moved since
 */
export async function commitRollback(
  services: Pick<Services, 'catalogs' | 'database' | 'keys'>,
  { confirmedName, fromSnapshotId, toSnapshotId, safetyTag, ...identifier }: RollbackRequest,
  context: Pick<IntentOptions, 'actor' | 'signal' | 'requestId'>,
): Promise<{ auditId: string; snapshotId: string }> {
  const intent: RollBack = { kind: 'roll-back', fromSnapshotId, toSnapshotId, safetyTag }
  const { auditId } = await commitIntents(services, identifier, [intent], { ...context, confirmedName })
  return { auditId, snapshotId: toSnapshotId }
}
