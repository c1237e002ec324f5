import 'server-only'
import pMap from 'p-map'
import { type DroppedTable, MAX_DROPPED_TABLES } from '@/lib/contract/lifecycle/tables'
import { AppError } from '@/lib/errors'
import { isSameTable, type Namespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { isPermitted, requirePermission } from '@/server/auth/actor'
import type { PurgeSupport } from '@/server/catalog/catalog-client'
import { type AuditEntry, listDrops, readAudit } from '@/server/db/audit'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { cancelRun } from '@/server/jobs/change-run'
import { findWaitingPurge } from '@/server/maintenance/purge-table'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'
import { isNameTaken } from './is-name-taken'
import { lifecycleAudit, type LifecycleContext } from './lifecycle-audit'
import { isUnreadable } from './load-if-readable'

/** Each needs a look at the store and at the catalog's folders. */
const CONCURRENCY = 8

type NamespaceName = { catalog: string; namespace: Namespace }

/** The tables that were dropped from a namespace and can be restored, newest first. */
export async function listDroppedTables(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  namespace: NamespaceName,
  { actor, signal }: Omit<LifecycleContext, 'requestId'>,
): Promise<{ tables: DroppedTable[]; isCut: boolean }> {
  const catalog = await catalogs.open(namespace.catalog, actor)
  const { purgeSupport } = catalog
  await catalog.loadNamespace(namespace.namespace, { signal })
  if (purgeSupport === undefined) return { tables: [], isCut: false }
  const drops = await listDrops(database, namespace, MAX_DROPPED_TABLES + 1)
  const tables = await pMap(
    drops.slice(0, MAX_DROPPED_TABLES),
    async (entry): Promise<DroppedTable[]> => {
      const dropped = toDropped(entry)
      if (dropped === null || !isPermitted(actor, 'table:maintain', dropped.table)) return []
      const removal = await readRemoval(database, entry)
      if (removal === 'begun') return []
      if (!(await isRestorable(purgeSupport, dropped.metadataLocation, signal))) return []
      return [
        {
          auditId: entry.id,
          table: dropped.table.table,
          droppedAtMs: entry.atMs,
          actor: entry.actor.username,
          metadataLocation: dropped.metadataLocation,
          filesGoAtMs: removal?.startsAtMs ?? null,
          isNameTaken: await isNameTaken(catalog, dropped.table, signal),
        },
      ]
    },
    { concurrency: CONCURRENCY, signal },
  )
  return { tables: tables.flat(), isCut: drops.length > MAX_DROPPED_TABLES }
}

/**
 * Registers a dropped table again, at the metadata file that it had. When its files were to go, their removal is
 * cancelled first, so that they stay whatever happens next.
 *
 * @throws {AppError} not-found for an entry that is not such a drop; already-exists when the name is taken, or another
 *   table has its folder; version-conflict when it was restored already, or
 *   the removal of its files has begun; file-missing when its metadata is gone
 */
export async function restoreTable(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  namespace: NamespaceName,
  { auditId: dropId, name }: { auditId: string; name: string },
  context: LifecycleContext,
): Promise<{ auditId: string }> {
  const { actor, signal } = context
  const entry = await readAudit(database, dropId)
  const dropped = entry === null ? null : toDropped(entry)
  if (entry === null || dropped === null || !isSameTable(dropped.table, { ...namespace, table: dropped.table.table })) {
    throw new AppError('not-found', 'No such table was dropped from this namespace.')
  }
  const restored = { ...dropped.table, table: name }
  requirePermission(actor, 'table:maintain', dropped.table, { isNew: true })
  requirePermission(actor, 'table:write', restored, { isNew: true })
  if (entry.undoneBy !== null) throw new AppError('version-conflict', 'The table was already restored.')
  const catalog = await catalogs.open(namespace.catalog, actor)
  await requireAbility(catalog, 'register-table', signal)
  if (catalog.purgeSupport === undefined) {
    throw new AppError('not-supported', `The catalog ${catalog.name} does not say which tables were dropped.`)
  }
  const { auditId, plan, toChange } = lifecycleAudit(context, dropped, () => ({
    action: 'restore-table',
    table: restored,
    tableUuid: entry.tableUuid,
    before: null,
    after: { metadataLocation: dropped.metadataLocation },
    undoes: entry.id,
  }))
  await cancelRemoval(database, entry, context)
  await catalog.registerTable(restored, dropped.metadataLocation, {
    signal,
    plan,
    alongside: (row) => [
      toChange(row.after),
      ...(entry.tableUuid === null ? [] : [moveProposalsChange(entry.tableUuid, restored.catalog, restored)]),
    ],
  })
  return { auditId }
}

function toDropped({ action, table, before }: AuditEntry): { table: TableIdentifier; metadataLocation: string } | null {
  const metadataLocation = before?.metadataLocation ?? null
  const isDrop = action === 'drop-table' || action === 'purge-table'
  return isDrop && table !== null && metadataLocation !== null ? { table, metadataLocation } : null
}

/** The run that waits to remove the files; null if they stay. */
async function readRemoval(
  database: Database,
  { action, tableUuid }: Pick<AuditEntry, 'action' | 'tableUuid'>,
): Promise<Run | 'begun' | null> {
  if (action !== 'purge-table') return null
  return (tableUuid === null ? null : await findWaitingPurge(database, tableUuid)) ?? 'begun'
}

/** @throws {AppError} version-conflict when the run has begun */
async function cancelRemoval(
  database: Database,
  entry: AuditEntry,
  { actor, requestId }: Pick<LifecycleContext, 'actor' | 'requestId'>,
): Promise<void> {
  const removal = await readRemoval(database, entry)
  if (removal === null) return
  // A run that was started meanwhile ends when its worker reads the request, and may remove files until then.
  if (removal !== 'begun' && (await cancelRun(database, removal.id, { actor, requestId })).state === 'cancelled') return
  throw new AppError('version-conflict', 'The removal of its files has begun, so the table cannot be restored.')
}

/** Whether its metadata can be read, and no other table has its folder. */
async function isRestorable(
  purgeSupport: PurgeSupport,
  metadataLocation: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const found = await purgeSupport.load(metadataLocation, { signal })
    return found !== null && (await purgeSupport.findTablesWithin(found.metadata.location)).length === 0
  } catch (error) {
    if (isUnreadable(error)) return false
    throw error
  }
}
