import 'server-only'
import { z } from 'zod'
import { AppError, DATABASE_FAILURES } from '@/lib/errors'
import { counted } from '@/lib/format/count'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { propertyValue } from '@/lib/iceberg/property-value'
import { inParallel } from '@/lib/in-parallel'
import { manifestEntries, type ManifestSource, snapshotManifests } from '@/lib/scan/snapshot-manifests'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { LoadedTable, Purging, UnlistedTable } from '@/server/catalog/catalog-client'
import type { Catalogs } from '@/server/catalog/catalogs'
import { tableFolders } from '@/server/catalog/table-folders'
import type { Change, Database } from '@/server/db/database'
import { queueRunChange, type Run } from '@/server/db/jobs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { rootLength } from '@/server/storage/location-gate'
import type { ObjectStore } from '@/server/storage/object-store'
import { avroCodecs } from '@/server/table/avro-codecs'

/**
 * Removes the files of a table that was dropped with them. The row is gone when this begins, so nobody commits to the
 * table any more; the metadata file goes last, so that a run that was cut off begins again and finds the rest.
 *
 * Only what lies in the table's own folders is removed: a file that was added from elsewhere may be another's. Folders
 * at the table's location that are empty then go with the files, where the store has folders.
 */

export const PURGE_TABLE = 'purge-table'

const REMOVED_AT_ONCE = 8

const purgeSpec = z.object({ metadataLocation: z.string(), tableUuid: z.string() })

/** Queues the run in the transaction that takes the table out of the catalog. */
export function purgeChange(
  database: Database,
  { ref, metadata, metadataLocation }: LoadedTable,
  actor: Actor,
): Change {
  const { userId, username, role } = actor
  return queueRunChange(database, {
    kind: PURGE_TABLE,
    title: `Remove the files of ${[...ref.namespace, ref.table].join('.')}`,
    spec: { metadataLocation, tableUuid: metadata.tableUuid },
    actor: { userId, username, role },
    table: ref,
    exclusiveKey: `${PURGE_TABLE} ${metadata.tableUuid}`,
  }).change
}

/**
 * @throws {AppError} invalid-request where the table's files may not be removed: another table has its files there, or
 *   the table says that its files are shared (`gc.enabled`)
 */
export function requirePurgeable({ metadata }: Pick<LoadedTable, 'metadata'>, sharers: readonly TableRef[]): void {
  if (propertyValue(metadata.properties, 'gc.enabled')?.toLowerCase() === 'false') {
    throw new AppError(
      'invalid-request',
      'Cannot purge table: GC is disabled (deleting files may corrupt other tables)',
    )
  }
  const [sharer] = sharers
  if (sharer === undefined) return
  const name = [...sharer.namespace, sharer.table].join('.')
  throw new AppError('invalid-request', `Cannot purge table: ${name} has its files in the same folder`)
}

export function purgeRuns(catalogs: Catalogs): RunKind {
  return {
    mostAtOnce: 1,
    retryOn: [...DATABASE_FAILURES, 'catalog-unavailable'],
    work: (run, context) => purge(catalogs, run, context),
    // What is left of a purge that was cut off is what the next try removes.
    settle: async () => null,
    tidy: async () => {},
  }
}

async function purge(catalogs: Catalogs, run: Run, context: RunContext) {
  const { table: ref } = run
  if (ref === null) throw new AppError('invalid-request', 'A purge is of one table.')
  const { metadataLocation } = purgeSpec.parse(run.spec)
  const catalog = await catalogs.open(ref.catalog, actorFor(run.actor))
  const { purging } = catalog
  if (!purging) throw new AppError('not-supported', `The catalog ${ref.catalog} removes files itself.`)
  const purged = await purging.load(metadataLocation, { signal: context.signal })
  if (purged === null) {
    context.log('The metadata file is gone: the files were removed before.')
    return { filesRemoved: 0, filesLeft: 0 }
  }
  requirePurgeable(purged, await purging.tablesWithin(purged.metadata.location))
  const files = new OwnFiles(purged, purging, context)
  // Each kind is gone before the next begins: a run that is cut off still finds what it has not removed.
  for (const named of filesByKind(purged, context.signal)) {
    for await (const location of named) await files.remove(location)
    await files.flush()
    await files.removeEmptyFolders()
  }
  await purged.store.remove(metadataLocation)
  files.emptied(metadataLocation)
  await files.removeEmptyFolders()
  const { removed, left } = files
  context.log(
    `${counted(removed + 1, 'file')} removed${left > 0 ? `, ${counted(left, 'file')} outside the table's folders left` : ''}.`,
  )
  return { filesRemoved: removed + 1, filesLeft: left }
}

/** Data before what names it. */
function filesByKind(
  { metadata, store }: UnlistedTable,
  signal: AbortSignal,
): (Iterable<string> | AsyncIterable<string>)[] {
  const source: ManifestSource = {
    readFile: (location) => store.read(location, { signal }),
    codecs: avroCodecs,
    signal,
  }
  const manifests = new Set<string>()
  async function* dataFiles(): AsyncGenerator<string> {
    for (const snapshot of metadata.snapshots) {
      for (const manifest of await readable(() => snapshotManifests({ metadata, snapshot }, source), [])) {
        if (manifests.has(manifest.manifestPath)) continue
        manifests.add(manifest.manifestPath)
        for (const { dataFile } of await readable(() => manifestEntries(metadata, manifest, source), []))
          yield dataFile.filePath
      }
    }
  }
  const lists = metadata.snapshots.flatMap(({ manifestList }) => manifestList ?? [])
  const statistics = [...metadata.statistics, ...metadata.partitionStatistics].flatMap((file) => {
    const location = file['statistics-path']
    return typeof location === 'string' ? [location] : []
  })
  const former = metadata.metadataLog.map(({ metadataFile }) => metadataFile)
  return [dataFiles(), manifests, new Set(lists), statistics, former]
}

/** What an earlier try removed already is not there to be read, and names nothing that is left. */
async function readable<Result>(read: () => Promise<Result>, none: Result): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-missing') return none
    throw error
  }
}

/** Removes files of the table's own folders, several at a time, and the folders that are empty then. */
class OwnFiles {
  readonly #store: ObjectStore
  readonly #location: string
  readonly #folders: readonly string[]
  readonly #purging: Purging
  readonly #context: RunContext
  /** Of the folder that was looked at last: files come folder by folder. */
  #looked = { folder: '', isOwn: false }
  #waiting: string[] = []
  /** Folders of files that were removed. */
  readonly #emptied = new Set<string>()
  removed = 0
  left = 0

  constructor({ metadata, store }: UnlistedTable, purging: Purging, context: RunContext) {
    this.#store = store
    this.#location = metadata.location
    this.#folders = tableFolders(metadata)
    this.#purging = purging
    this.#context = context
  }

  async remove(location: string): Promise<void> {
    if (!(await this.#isOwn(location))) {
      this.left += 1
      return
    }
    this.#waiting.push(location)
    if (this.#waiting.length >= REMOVED_AT_ONCE) await this.flush()
  }

  async flush(): Promise<void> {
    const locations = this.#waiting
    this.#waiting = []
    this.#context.signal.throwIfAborted()
    await inParallel(locations, REMOVED_AT_ONCE, (location) => this.#store.remove(location))
    for (const location of locations) this.emptied(location)
    this.removed += locations.length
    this.#context.report({ phase: 'removing', bytesRead: 0, bytesTotal: 0, rowsRead: 0, filesWritten: this.removed })
  }

  /** Notes that a file is gone. */
  emptied(location: string): void {
    this.#emptied.add(folderOf(location))
  }

  /** From the innermost up to the table's location; none once another table is there. */
  async removeEmptyFolders(): Promise<void> {
    const innermostFirst = [...this.#emptied].sort((a, b) => b.length - a.length)
    // What holds something still is emptied, if at all, by a file that is removed later.
    this.#emptied.clear()
    if ((await this.#purging.tablesWithin(this.#location)).length > 0) return
    for (const one of innermostFirst) {
      for (let folder = one; rootLength(folder, [this.#location]) !== null; folder = folderOf(folder)) {
        this.#context.signal.throwIfAborted()
        if (!(await this.#store.removeEmptyFolder(folder))) break
      }
    }
  }

  /** In a folder of the table that is not, or not besides, another table's: its properties may name any. */
  async #isOwn(location: string): Promise<boolean> {
    if (rootLength(location, this.#folders) === null) return false
    const folder = `${folderOf(location)}/`
    if (this.#looked.folder !== folder) {
      this.#looked = { folder, isOwn: (await this.#purging.ownersOf(folder)).length === 0 }
    }
    return this.#looked.isOwn
  }
}

/** Without a slash at the end. */
function folderOf(location: string): string {
  return location.replace(/\/+[^/]*$/, '')
}
