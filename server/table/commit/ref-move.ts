import 'server-only'
import type { RefMoveImpact, RefMovePreview } from '@/lib/contract/table/refs'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/changes/intents/intent'
import { losesSnapshots } from '@/lib/changes/intents/intent-changes'
import type { RefMoveIntent } from '@/lib/changes/intents/plan-ref-move'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { refMove } from '@/lib/changes/impact/ref-move'
import { ancestorIds } from '@/lib/iceberg/metadata/ancestors'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { ObjectStore } from '@/server/storage/object-store'
import type { ManifestCache } from '../manifest-cache'
import { buildChangeRequest } from './change-request'
import { type FileFigures, figuresOf, readSnapshotFiles, snapshotById } from './snapshot-files'

type ImpactContext = { catalog: CatalogClient; store: ObjectStore; signal: AbortSignal }

/**
 * The effect of a planned move of a branch or a tag from the tip that the figures describe. Reads the manifests of both
 * snapshots.
 */
export async function readRefMove(
  manifestCache: ManifestCache,
  table: LoadedTable,
  { branch, intent }: { branch: string; intent: RefMoveIntent },
  context: ImpactContext,
): Promise<RefMovePreview> {
  const move = { ...intent, branch }
  return {
    intent,
    impact: await readImpact(manifestCache, table, move, { ...context, intents: [intent] }),
    needsConfirmation: losesSnapshots(table.metadata, [intent]),
  }
}

/**
 * The rows and files that moving a branch removes and restores, computed from the live files of both snapshots rather
 * than from summaries, which writers may leave out. Reads the manifests of both. Those of the current snapshot may be
 * missing or damaged, because then the branch has to be rolled back: figures that need them are null.
 *
 * @param context.intents of the whole commit
 * @throws {AppError} not-found for a snapshot the table does not have; file-missing or file-damaged for the target
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
    readSnapshotFiles(manifestCache, table, from, store, signal).catch(toUnreadable),
    readSnapshotFiles(manifestCache, table, to, store, signal),
  ])
  const isReadable = currentFiles instanceof Map
  const difference = isReadable ? diffFiles(currentFiles, targetFiles) : null
  const after = figuresOf([...targetFiles.values()])
  const toImpactRow = (name: keyof FileFigures) => ({
    now: difference?.now[name] ?? null,
    removed: difference?.removed[name] ?? null,
    restored: difference?.restored[name] ?? null,
    after: after[name],
  })
  const { unreachableSnapshotIds, earliestExpiryMs } = refMove(metadata, {
    refName: branch,
    toSnapshotId: to.snapshotId,
  })
  return {
    branch,
    type: findRef(metadata, branch)?.type ?? 'branch',
    fromSnapshotId: from.snapshotId,
    fromCommittedAtMs: from.timestampMs,
    toSnapshotId: to.snapshotId,
    toCommittedAtMs: to.timestampMs,
    rows: toImpactRow('rowCount'),
    dataFiles: toImpactRow('dataFileCount'),
    deleteFiles: toImpactRow('deleteFileCount'),
    bytes: toImpactRow('sizeBytes'),
    currentSchemaId: metadata.currentSchemaId,
    targetSchemaId: to.schemaId,
    missingColumns: missingColumns(metadata, to),
    currentFilesProblem: isReadable ? null : currentFiles.message,
    removedSnapshotCount: leftIds.length,
    addedSnapshotCount: lineageAfter.filter((id) => !idsNow.has(id)).length,
    otherRefs: Object.entries(metadata.refs)
      .filter(([name]) => name !== branch)
      .map(([name, { type }]) => ({ name, type })),
    unreferencedSnapshotIds: [...unreachableSnapshotIds],
    unreferencedExpireAtMs: earliestExpiryMs,
    request: await buildChangeRequest(catalog, table, intents, signal),
  }
}

type SnapshotFiles = Awaited<ReturnType<typeof readSnapshotFiles>>

function diffFiles(current: SnapshotFiles, target: SnapshotFiles): Record<'now' | 'removed' | 'restored', FileFigures> {
  const without = (files: SnapshotFiles, others: SnapshotFiles) =>
    figuresOf([...files].filter(([path]) => !others.has(path)).map(([, file]) => file))
  return {
    now: figuresOf([...current.values()]),
    removed: without(current, target),
    restored: without(target, current),
  }
}

/** @throws any other failure */
function toUnreadable(error: unknown): AppError {
  if (error instanceof AppError && (error.code === 'file-missing' || error.code === 'file-damaged')) return error
  throw error
}

/** Columns of the table's schema, by path, that the snapshot's own schema does not have. */
export function missingColumns(metadata: TableMetadata, snapshot: Snapshot): string[] {
  const currentSchemaId = currentSchema(metadata)
  const targetSchemaId = metadata.schemas.find(({ schemaId }) => schemaId === snapshot.schemaId)
  if (!targetSchemaId) return []
  const known = indexFields(targetSchemaId)
  return [...indexFields(currentSchemaId).values()]
    .filter(({ field }) => !known.has(field.id))
    .map(({ path }) => path.join('.'))
}
