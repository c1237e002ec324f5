import 'server-only'
import type { z } from 'zod'
import type { previewRefMove, RefMoveImpact } from '@/lib/contract/refs'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/iceberg/intents/intent'
import { losesSnapshots } from '@/lib/iceberg/intents/intent-changes'
import { planRefMove } from '@/lib/iceberg/intents/plan-ref-move'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { refMove } from '@/lib/iceberg/impact/ref-move'
import { ancestorIds } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import type { ObjectStore } from '@/server/storage/object-store'
import { readLiveFiles } from '../live-files'
import type { ManifestCache } from '../manifest-cache'
import { buildChangeRequest } from './change-request'

type RefMovePreview = z.output<typeof previewRefMove.output>

type FileFacts = { recordCount: number; fileSizeBytes: number; isDelete: boolean }

type ImpactContext = { catalog: CatalogClient; store: ObjectStore; signal: AbortSignal }

/**
 * What moving a branch removes and restores, with the intent that moves it: the tip in it is the one that the figures
 * are of. Reads the manifests of both snapshots.
 *
 * @throws {AppError} as `planRefMove` does
 */
export async function readRefMove(
  manifestCache: ManifestCache,
  table: LoadedTable,
  wanted: Parameters<typeof planRefMove>[1],
  context: ImpactContext,
): Promise<RefMovePreview> {
  const intent = planRefMove(table.metadata, wanted)
  const move = { ...intent, branch: wanted.branch }
  return {
    intent,
    impact: await readImpact(manifestCache, table, move, { ...context, intents: [intent] }),
    needsConfirmation: losesSnapshots(table.metadata, [intent]),
  }
}

/**
 * What moving a branch removes and restores, computed from the live files of both snapshots and not from summaries, which
 * writers may leave out. Reads the manifests of both.
 *
 * @param context.intents of the whole commit
 * @throws {AppError} not-found for a snapshot the table does not have
 */
export async function readImpact(
  manifestCache: ManifestCache,
  table: LoadedTable,
  { branch, fromSnapshotId, toSnapshotId }: { branch: string; fromSnapshotId: string; toSnapshotId: string },
  { catalog, store, intents, signal }: ImpactContext & { intents: readonly Intent[] },
): Promise<RefMoveImpact> {
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
    refName: branch,
    toSnapshotId: to.snapshotId,
  })
  return {
    branch,
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
      .filter(([name]) => name !== branch)
      .map(([name, { type }]) => ({ name, type })),
    unreachedSnapshotIds: [...unreachableSnapshotIds],
    unreachedExpireAtMs: earliestExpiryMs,
    request: await buildChangeRequest(catalog, table, intents, signal),
  }
}

function snapshotById(metadata: TableMetadata, snapshotId: string): Snapshot {
  const found = metadata.snapshots.find((snapshot) => snapshot.snapshotId === snapshotId)
  if (found) return found
  throw new AppError('not-found', `The table has no snapshot ${snapshotId}.`, { facts: { snapshotId } })
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
