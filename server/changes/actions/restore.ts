import 'server-only'
import pMap from 'p-map'
import { type DroppedTable, MAX_DROPPED_TABLES, type RestoreReview } from '@/lib/contract/lifecycle/tables'
import { AppError } from '@/lib/errors'
import { asViewIdentifier, isSameTable, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted, requirePermission } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { PurgeSupport } from '@/server/catalog/port/purge-support'
import type { AuditEntry } from '@/server/db/audit'
import { listDrops, readAudit } from '@/server/db/audit-list'
import { requireAbility } from '@/server/catalog/require-ability'
import type { TableLocations } from '@/server/catalog/folders/table-folders'
import type { Database } from '@/server/db/database'
import type { Run } from '@/server/db/jobs/runs'
import { cancelRun } from '@/server/jobs/change-run'
import { findPurge } from '@/server/maintenance/purge-table'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { moveShortcutsChange } from '@/server/db/catalog/shortcuts'
import type { Services } from '@/server/services'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { isNameTaken } from '@/server/catalog/is-name-taken'
import { isUnreadable } from '@/server/catalog/load-if-readable'
import type { Action } from '../pipeline/action'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'

/** Each needs a check of the store and of the catalog's folders. */
const CONCURRENCY = 8

type NamespaceName = { catalog: string; namespace: Namespace }

/** The tables and views that were dropped from a namespace and can be restored, newest first. */
export async function listDroppedTables(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  namespace: NamespaceName,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<{ tables: DroppedTable[]; isTruncated: boolean }> {
  const catalog = await catalogs.open(namespace.catalog, actor)
  const { purgeSupport } = catalog
  await catalog.loadNamespace(namespace.namespace, { signal })
  if (purgeSupport === undefined) return { tables: [], isTruncated: false }
  const drops = await listDrops(database, namespace, MAX_DROPPED_TABLES + 1)
  const tables = await pMap(
    drops.slice(0, MAX_DROPPED_TABLES),
    async (entry): Promise<DroppedTable[]> => {
      const dropped = toDropped(entry)
      if (dropped === null || !isPermitted(actor, 'table:maintain', dropped.table)) return []
      const removal = await readRemoval(database, entry)
      if (removal === 'begun') return []
      if (!(await isRestorable(purgeSupport, dropped, signal))) return []
      return [
        {
          auditId: entry.id,
          kind: dropped.kind,
          table: dropped.table.table,
          droppedAtMs: entry.atMs,
          actor: entry.actor.username,
          metadataLocation: dropped.metadataLocation,
          purgeAtMs: removal?.scheduledForMs ?? null,
          isNameTaken: await isNameTaken(catalog, dropped.table, signal),
        },
      ]
    },
    { concurrency: CONCURRENCY, signal },
  )
  return { tables: tables.flat(), isTruncated: drops.length > MAX_DROPPED_TABLES }
}

/**
 * Whether a dropped table or view can be restored under a name.
 *
 * @throws {AppError} not-found for an entry that is not such a drop; forbidden for what the actor may not maintain
 */
export async function reviewRestore(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  namespace: NamespaceName,
  { auditId, name }: Restore,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<RestoreReview> {
  const catalog = await catalogs.open(namespace.catalog, actor)
  const { dropped } = await readDrop(database, namespace, auditId)
  const restored = { ...dropped.table, table: name }
  requirePermission(actor, 'table:maintain', dropped.table, { isNew: true })
  // Before anything is looked up there: the name may be where the user sees nothing.
  const problem = isPermitted(actor, 'table:write', restored)
    ? await findNameProblem(catalog, dropped.kind, restored, signal)
    : `You may not create ${dropped.kind}s under this name.`
  return { nameProblem: problem }
}

type Restore = {
  /** The entry of the drop. */
  auditId: string
  name: string
}

/**
 * Registers a dropped table or view again, at the metadata file that it had. If its files were to be removed, the
 * removal is cancelled first, so that they stay whatever happens next; refusals come before that.
 *
 * @throws {AppError} not-found for an entry that is not such a drop, and when the namespace does not exist;
 * already-exists when the name is taken, or another table has its folder; version-conflict when it was restored
 * already, or the removal of its files has begun; file-missing when its metadata was deleted; and as `carryOut` does
 */
export const restoreAction: Action<ChangeServices, NamespaceName, Restore, object> = {
  kind: 'restore',
  isHeld: false,
  async commit(attempt, namespace, { auditId: dropId, name }) {
    const { actor, signal, catalog, services, request } = attempt
    const { catalogs, database } = services
    const { entry, dropped } = await readDrop(database, namespace, dropId)
    const restored = { ...dropped.table, table: name }
    requirePermission(actor, 'table:maintain', dropped.table, { isNew: true })
    requirePermission(actor, 'table:write', restored, { isNew: true })
    if (entry.undoneBy !== null) throw new AppError('version-conflict', `The ${dropped.kind} was already restored.`)
    await requireAbility(catalog, 'register-table', signal)
    if (catalog.purgeSupport === undefined) {
      throw new AppError('not-supported', `The catalog ${catalog.name} does not say which tables were dropped.`)
    }
    const filesCatalog = await catalogs.open(namespace.catalog, withAllFiles(actor, namespace.catalog))
    const locations = await requireRestorable(catalog, catalog.purgeSupport, { dropped, restored }, signal)
    await filesCatalog.checkNewFolders(restored, locations, { signal })
    await cancelRemoval(database, entry, request)
    const toEntry = ({ metadataLocation }: { metadataLocation: string }) =>
      attempt.entry({
        action: `restore-${dropped.kind}`,
        table: restored,
        tableUuid: entry.tableUuid,
        before: null,
        after: { metadataLocation },
        undoes: entry.id,
      })
    const recorded = attempt.recorded({
      known: toEntry(dropped),
      toEntry: (row: { after: { metadataLocation: string } }) => toEntry(row.after),
      alongside: () =>
        entry.tableUuid === null
          ? []
          : [
              moveProposalsChange(entry.tableUuid, restored.catalog, restored),
              moveShortcutsChange(entry.tableUuid, restored.catalog, restored),
            ],
    })
    if (dropped.kind === 'view')
      await filesCatalog.write(
        { kind: 'register-view', view: asViewIdentifier(restored), metadataLocation: dropped.metadataLocation },
        recorded,
      )
    else
      await filesCatalog.write(
        { kind: 'register-table', table: restored, metadataLocation: dropped.metadataLocation },
        recorded,
      )
    return {}
  },
  repeat: async () => ({}),
}

/** The files of a dropped table are in no table's folder. The entry of its drop names their owner. */
function withAllFiles(actor: Actor, catalog: string): Actor {
  return { ...actor, grants: [...actor.grants, { permission: 'table:read', resource: { catalog } }] }
}

type Dropped = { kind: 'table' | 'view'; table: TableIdentifier; metadataLocation: string }

const DROPPED_KINDS: ReadonlyMap<string, Dropped['kind']> = new Map([
  ['drop-table', 'table'],
  ['purge-table', 'table'],
  ['drop-view', 'view'],
])

/** @throws {AppError} not-found for an entry that is not a drop from the namespace */
async function readDrop(
  database: Database,
  namespace: NamespaceName,
  auditId: string,
): Promise<{ entry: AuditEntry; dropped: Dropped }> {
  const entry = await readAudit(database, auditId)
  const dropped = entry === null ? null : toDropped(entry)
  if (entry === null || dropped === null || !isSameTable(dropped.table, { ...namespace, table: dropped.table.table })) {
    throw new AppError('not-found', 'No such table or view was dropped from this namespace.')
  }
  return { entry, dropped }
}

/** Null for an entry that is not a drop, or that names no metadata file. */
function toDropped({ action, table, before }: AuditEntry): Dropped | null {
  const metadataLocation = before?.metadataLocation ?? null
  const kind = DROPPED_KINDS.get(action)
  return kind !== undefined && table !== null && metadataLocation !== null ? { kind, table, metadataLocation } : null
}

/** The run that waits to remove the files; null if they stay, also because it was cancelled before it began. */
async function readRemoval(
  database: Database,
  { action, table, tableUuid }: Pick<AuditEntry, 'action' | 'table' | 'tableUuid'>,
): Promise<Run | 'begun' | null> {
  if (action !== 'purge-table') return null
  const run = table === null || tableUuid === null ? null : await findPurge(database, table, tableUuid)
  if (run === null || run.startedAtMs !== null) return 'begun'
  if (run.state === 'queued') return run
  return run.state === 'cancelled' ? null : 'begun'
}

/** @throws {AppError} version-conflict when the run has begun */
async function cancelRemoval(
  database: Database,
  entry: AuditEntry,
  { actor, requestId }: Pick<ChangeRequest, 'actor' | 'requestId'>,
): Promise<void> {
  const removal = await readRemoval(database, entry)
  if (removal === null) return
  // A run that was started meanwhile ends when its worker reads the request, and may remove files until then.
  if (removal !== 'begun' && (await cancelRun(database, removal.id, { actor, requestId })).state === 'cancelled') return
  throw new AppError('version-conflict', 'The removal of its files has begun, so the table cannot be restored.')
}

/**
 * @returns the folders that it had
 * @throws {AppError} not-found, already-exists, file-missing
 */
async function requireRestorable(
  catalog: CatalogClient,
  purgeSupport: PurgeSupport,
  { dropped, restored }: { dropped: Dropped; restored: TableIdentifier },
  signal: AbortSignal,
): Promise<TableLocations> {
  await catalog.loadNamespace(restored.namespace, { signal })
  if (await isNameTaken(catalog, restored, signal)) {
    throw new AppError('already-exists', `There is already a table or view ${restored.table}. Choose another name.`)
  }
  const metadata = await readDropped(purgeSupport, dropped, signal)
  if (metadata !== null) return metadata
  throw new AppError('file-missing', `The metadata file of the ${dropped.kind} is gone, so it cannot be restored.`)
}

/** The metadata that it had; null if the file was deleted. */
async function readDropped(
  purgeSupport: PurgeSupport,
  { kind, metadataLocation }: Dropped,
  signal: AbortSignal,
): Promise<TableLocations | null> {
  if (kind === 'view') return purgeSupport.loadView(metadataLocation, { signal })
  return (await purgeSupport.load(metadataLocation, { signal }))?.metadata ?? null
}

/** Whether its metadata can be read, and no other table has its folder. */
async function isRestorable(purgeSupport: PurgeSupport, dropped: Dropped, signal: AbortSignal): Promise<boolean> {
  try {
    const metadata = await readDropped(purgeSupport, dropped, signal)
    return metadata !== null && (await purgeSupport.findTablesWithin(metadata.location)).length === 0
  } catch (error) {
    if (isUnreadable(error)) return false
    throw error
  }
}
