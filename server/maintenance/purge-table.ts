import 'server-only'
import * as z from 'zod'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import { isGcEnabled } from '@/lib/iceberg/properties/gc-enabled'
import pMap from 'p-map'
import type { Actor } from '@/server/auth/actor'
import { finishingActor } from '@/server/jobs/run-actor'
import type { LoadedTable, UnlistedTable } from '@/server/catalog/port/loaded-table'
import type { PurgeSupport } from '@/server/catalog/port/purge-support'
import type { Catalogs } from '@/server/catalog/catalogs'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import type { Change, Database } from '@/server/db/database'
import { listRuns, queueRunChange, type Run } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { rootLength } from '@/server/locations/location-gate'
import type { ObjectStore } from '@/server/storage/object-store'
import { folderOf, listFilesByKind, OwnFolders } from './files-of-table'

/**
 * Removes the files of a table that was dropped with them. The table's row is already removed, so the table accepts no
 * more commits. The metadata file is removed last, so that an interrupted run can be repeated and finds the remaining
 * files.
 *
 * Removes only files in the table's own folders, because a file that was added from elsewhere may belong to another
 * table. Empty folders at the table's location are removed too, in stores that have folders.
 */

export const PURGE_TABLE = 'purge-table'

const CONCURRENCY = 8

const purgeSpec = z.object({ metadataLocation: z.string(), tableUuid: z.string() })

/**
 * Queues the run in the transaction that drops the table from the catalog.
 *
 * @param scheduledForMs until then the table can be restored, which cancels the run; absent: it starts at once
 */
export function purgeChange(
  database: Database,
  { identifier, metadata, metadataLocation }: LoadedTable,
  actor: Actor,
  scheduledForMs: number | null = null,
): Change {
  const { userId, username, role } = actor
  return queueRunChange(database, {
    kind: PURGE_TABLE,
    title: `Remove the files of ${[...identifier.namespace, identifier.table].join('.')}`,
    spec: { metadataLocation, tableUuid: metadata.tableUuid },
    actor: { userId, username, role },
    table: identifier,
    exclusiveKey: purgeKey(metadata.tableUuid),
    scheduledForMs,
  }).change
}

/** The newest removal of a dropped table's files, in any state, or null. */
export async function findPurge(database: Database, table: TableIdentifier, tableUuid: string): Promise<Run | null> {
  const [run] = await listRuns(database, { kind: PURGE_TABLE, table, exclusiveKey: purgeKey(tableUuid), limit: 1 })
  return run ?? null
}

function purgeKey(tableUuid: string): string {
  return `${PURGE_TABLE} ${tableUuid}`
}

/**
 * @throws {AppError} invalid-request if the table's files may not be removed: another table has files in the folder, or
 * the table declares its files shared (`gc.enabled`); format-unsupported
 */
export function requirePurgeable(
  { metadata }: Pick<LoadedTable, 'metadata'>,
  tablesSharingFolder: readonly TableIdentifier[],
): void {
  requireSupportedFormat(metadata)
  if (!isGcEnabled(metadata.properties)) {
    throw new AppError(
      'invalid-request',
      'Cannot purge table: GC is disabled (deleting files may corrupt other tables)',
    )
  }
  const [otherTable] = tablesSharingFolder
  if (otherTable === undefined) return
  const name = [...otherTable.namespace, otherTable.table].join('.')
  throw new AppError('invalid-request', `Cannot purge table: ${name} has its files in the same folder`)
}

export function purgeTableRuns(catalogs: Catalogs): RunKind<'purge-table'> {
  return {
    maxConcurrent: 1,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable'],
    work: (run, context) => purgeTable(catalogs, run, context),
    // The next attempt removes the leftovers of an interrupted purge.
    settle: async () => null,
    tidy: async () => {},
  }
}

async function purgeTable(catalogs: Catalogs, run: Run, context: RunContext<'purge-table'>) {
  const { table: identifier } = run
  if (identifier === null) throw new AppError('invalid-request', 'A purge run must name a table.')
  const { metadataLocation } = purgeSpec.parse(run.spec)
  const catalog = await catalogs.open(identifier.catalog, finishingActor(run))
  const { purgeSupport } = catalog
  if (!purgeSupport) throw new AppError('not-supported', `The catalog ${identifier.catalog} removes files itself.`)
  const dropped = await purgeSupport.load(metadataLocation, { signal: context.signal })
  if (dropped === null) {
    context.log('The metadata file no longer exists: the files were already removed.')
    return { filesRemoved: 0, filesRetained: 0 }
  }
  requirePurgeable(dropped, await purgeSupport.findTablesWithin(dropped.metadata.location))
  const remover = new TableFileRemover(dropped, purgeSupport, context)
  const options = {
    signal: context.signal,
    loadEarlier: purgeSupport.load,
    onUnreadable: ({ message }: AppError) => context.log(`${message} Files that only it names stay.`, 'warning'),
  }
  // Each kind is removed completely before the next, so that an interrupted run can still find the remaining files.
  for (const files of listFilesByKind(dropped, options)) {
    for await (const { location } of files) await remover.remove(location)
    await remover.flush()
    await remover.removeEmptyFolders()
  }
  await dropped.store.remove(metadataLocation)
  remover.noteRemoved(metadataLocation)
  await remover.removeEmptyFolders()
  const { removedCount, retainedFileCount } = remover
  context.log(
    `${formatQuantity(removedCount + 1, 'file')} removed${retainedFileCount > 0 ? `, ${formatQuantity(retainedFileCount, 'file')} outside the table's folders left` : ''}.`,
  )
  return { filesRemoved: removedCount + 1, filesRetained: retainedFileCount }
}

/** Removes files in the table's own folders, several at a time, and the folders that become empty. */
class TableFileRemover {
  readonly #store: ObjectStore
  readonly #location: string
  readonly #folders: OwnFolders
  readonly #purgeSupport: PurgeSupport
  readonly #context: RunContext<'purge-table'>
  #pending: string[] = []
  /** Folders from which files were removed. */
  readonly #touchedFolders = new Set<string>()
  removedCount = 0
  retainedFileCount = 0

  constructor({ metadata, store }: UnlistedTable, purgeSupport: PurgeSupport, context: RunContext<'purge-table'>) {
    this.#store = store
    this.#location = metadata.location
    this.#folders = new OwnFolders(tableFolders(metadata), (folder) => purgeSupport.findOwners(folder))
    this.#purgeSupport = purgeSupport
    this.#context = context
  }

  async remove(location: string): Promise<void> {
    if (!(await this.#folders.has(location))) {
      this.retainedFileCount += 1
      return
    }
    this.#pending.push(location)
    if (this.#pending.length >= CONCURRENCY) await this.flush()
  }

  async flush(): Promise<void> {
    const locations = this.#pending
    this.#pending = []
    this.#context.signal.throwIfAborted()
    await pMap(locations, (location) => this.#store.remove(location), { concurrency: CONCURRENCY })
    for (const location of locations) this.noteRemoved(location)
    this.removedCount += locations.length
    this.#context.report({
      phase: 'removing',
      done: this.removedCount,
      total: null,
      unit: 'files',
      counters: { filesRetained: this.retainedFileCount },
    })
  }

  /** Records that a file was removed. */
  noteRemoved(location: string): void {
    this.#touchedFolders.add(folderOf(location))
  }

  /** Removes empty folders from the innermost up to the table's location, unless another table uses them. */
  async removeEmptyFolders(): Promise<void> {
    const innermostFirst = [...this.#touchedFolders].sort((a, b) => b.length - a.length)
    // A folder that is not empty yet is emptied, if at all, by a later removal, which adds it again.
    this.#touchedFolders.clear()
    if ((await this.#purgeSupport.findTablesWithin(this.#location)).length > 0) return
    for (const innermost of innermostFirst) {
      for (let folder = innermost; rootLength(folder, [this.#location]) !== null; folder = folderOf(folder)) {
        this.#context.signal.throwIfAborted()
        if (!(await this.#store.removeEmptyFolder(folder))) break
      }
    }
  }
}
