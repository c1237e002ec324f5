import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { TableChange, TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { Namespace, TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { guardedStore } from '@/server/storage/guarded-store'
import { hasOtherFiles } from '@/server/storage/has-other-files'
import { rootLength } from '@/server/locations/location-gate'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import {
  type CatalogWrite,
  type TableChangeOrBuilder,
  type WriteKind,
  type WriteOptions,
  type WriteResult,
  anyWrite,
} from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { RequestOptions } from '@/server/catalog/port/request-options'
import { locationsInUpdate } from '@/server/catalog/embedded/check-locations'
import { chosenLocation } from '@/server/catalog/embedded/folders/choose-location'
import { isInDefaultFolder } from '@/server/catalog/embedded/folders/default-folder'
import { type TableLocations, tableFolders } from '@/server/catalog/folders/table-folders'
import { entryOf } from '@/server/catalog/port/written-entries'

/** A folder that a run fills before it creates the table of it. */
export type FilledFolder = {
  /** `checkNewFolders` admitted it before the first file. */
  folder: string
  /** With which the names of the run's files begin. */
  filePrefix: string
}

/**
 * Wraps a catalog for a user whose grants do not cover all of it. Metadata, manifests and commits can name any file of
 * the warehouse, and Lakeshore reads them with its own credentials. So this person gets the files in the table's own
 * folders, and elsewhere only those in the folder of a table that they may read. What is in no table's folder, such as
 * the files of a dropped table, is refused, and so is a folder with such files as that of a table. The exception is the
 * folder that a table of the name would get anyway: a table that is created, cloned or registered there.
 *
 * A table gets a folder in that of its own namespace only. Any other is refused without a look at it, because the
 * response would say whether something hidden is there.
 *
 * A run that fills a folder before its table is there has found it free, and goes on to use it while all files in it are
 * the run's own.
 *
 * Only the embedded catalog knows which folder belongs to which table. In others, files outside of the table's own
 * folders are refused, and so are registering a metadata file and choosing a location.
 *
 * A namespace can choose where its tables go. Only a user whose grants cover the whole catalog lets it choose a folder
 * outside of its own, so that what it chose is as good as its name.
 */
export function restrictToGrantedFiles(
  catalog: CatalogClient,
  actor: Actor,
  filled: FilledFolder | null = null,
): CatalogClient {
  if (isPermitted(actor, 'table:read', { catalog: catalog.name })) return catalog
  const { purgeSupport } = catalog
  const fileScope = createHash('sha256')
    .update(`${actor.userId}\n${JSON.stringify(actor.grants)}`)
    .digest('base64url')

  const seesNamespaceOf = ({ namespace }: TableIdentifier) =>
    isPermitted(actor, 'table:read', { catalog: catalog.name, namespace })

  const isFilled = (location: string) => filled !== null && rootLength(location, [filled.folder]) !== null

  /** @param newTable that may have what is in its default folder, and in the one that is filled for it */
  async function requireGranted(
    location: string,
    ownFolders: readonly string[],
    newTable?: TableIdentifier,
  ): Promise<void> {
    if (rootLength(location, ownFolders) !== null) return
    const owners = await purgeSupport?.findOwners(location)
    if (owners?.some((owner) => isPermitted(actor, 'table:read', owner))) return
    const isOfName = newTable !== undefined && (await isDefaultFolder(catalog, newTable, location))
    const isUnowned = owners?.length === 0
    if (isUnowned && (isOfName || (newTable !== undefined && isFilled(location)))) return
    throw isOfName && !isUnowned ? hiddenFileError(location) : notGrantedError(location)
  }

  function requireNamespaceChoice(namespace: Namespace, properties: Readonly<Record<string, string>>): void {
    const chosen = chosenLocation(properties)
    if (chosen === null) return
    const own = catalog.namespaceLocation?.(namespace)
    if (own === undefined || rootLength(chosen, [own]) === null) throw namespaceLocationError(catalog.name, own)
  }

  /** A folder that becomes one of a table's own, and all that is in it. */
  async function requireClaimable(
    folder: string,
    table: TableIdentifier,
    ownFolders: readonly string[],
  ): Promise<void> {
    if (rootLength(folder, ownFolders) !== null) return
    if (!purgeSupport) throw notGrantedError(folder)
    if (!isFilled(folder))
      await requireFolderOfNamespace(catalog, table, folder, { seesNamespace: seesNamespaceOf(table) })
    if ((await purgeSupport.findOwners(folder)).length > 0) return requireGranted(folder, ownFolders)
    if (await isDefaultFolder(catalog, table, folder)) return
    const store = await catalog.openStore(table)
    const isTaken =
      filled !== null && isFilled(folder)
        ? await hasOtherFiles(store, folder, filled.filePrefix)
        : await store.hasFiles(folder)
    if (isTaken) throw notGrantedError(folder)
  }

  async function requireClaims(table: TableIdentifier, locations: Partial<TableLocations>): Promise<void> {
    for (const folder of foldersOf(locations)) await requireClaimable(folder, table, [])
  }

  const withGrantedFiles = (table: LoadedTable): LoadedTable => {
    const ownFolders = tableFolders(table.metadata)
    const store = guardedStore(table.store, (location) => requireGranted(location, ownFolders))
    return { ...table, store, fileScope }
  }

  async function requireGrantedUpdates(
    identifier: TableIdentifier,
    table: TableLocations,
    updates: readonly TableUpdate[],
  ): Promise<void> {
    const ownFolders = tableFolders(table)
    for (const update of updates) {
      const isFolder = update.action === 'set-location' || update.action === 'set-properties'
      for (const { location } of locationsInUpdate(update)) {
        if (isFolder) await requireClaimable(location, identifier, ownFolders)
        else await requireGranted(location, ownFolders)
      }
    }
  }

  async function requireGrantedCreation(identifier: TableIdentifier, updates: readonly TableUpdate[]): Promise<void> {
    const locations = newLocations(updates)
    await requireClaims(identifier, locations)
    await requireGrantedUpdates(identifier, locations, updates)
  }

  async function readLocations(
    write: CatalogWrite<'register-table' | 'register-view'>,
    options?: RequestOptions,
  ): Promise<TableLocations | null | undefined> {
    if ('view' in write) return purgeSupport?.loadView(write.metadataLocation, options)
    return (await purgeSupport?.load(write.metadataLocation, options))?.metadata
  }

  /** Refuses a write that names files or folders of others, before the catalog reads the table. */
  async function requireGrantedWrite(write: CatalogWrite, options?: RequestOptions): Promise<void> {
    switch (write.kind) {
      case 'create-namespace':
        return requireNamespaceChoice(write.namespace, write.properties)
      case 'update-namespace':
        return requireNamespaceChoice(write.namespace, write.updates)
      case 'create-table':
      case 'create-view':
        return requireClaims(entryOf(write), write)
      case 'register-table':
      case 'register-view': {
        if (!purgeSupport) throw registrationError(catalog.name)
        await requireGranted(write.metadataLocation, [], entryOf(write))
        const locations = await readLocations(write, options)
        if (locations) await requireClaims(entryOf(write), locations)
        return
      }
      case 'commit-table':
        if (isNewTable(write.change)) await requireGrantedCreation(write.table, write.change.updates)
        return
      case 'commit-tables':
        for (const { identifier, change } of write.commits) {
          if (isNewTable(change)) await requireGrantedCreation(identifier, change.updates)
        }
        return
      case 'commit-view': {
        // Lakeshore itself builds changes that move no view.
        const updates = typeof write.change === 'function' ? [] : write.change.updates
        const moves = updates.filter((update) => update.action === 'set-location')
        if (moves.length === 0) return
        const { metadata } = await catalog.loadView(write.view)
        for (const { location } of moves) {
          await requireClaimable(location, entryOf(write), tableFolders(metadata))
        }
        return
      }
      case 'drop-namespace':
      case 'restore-metadata':
      case 'rename-table':
      case 'drop-table':
      case 'rename-view':
      case 'drop-view':
        // They name no file that the catalog does not have, and no folder.
        return
    }
  }

  /** The fields of a commit that check each version it replaces. */
  function withGrantedChanges(write: CatalogWrite) {
    if (write.kind === 'commit-table' && !isNewTable(write.change))
      return { change: withGrantedUpdates(write.table, write.change) }
    if (write.kind !== 'commit-tables') return {}
    return {
      async verify(current: LoadedTable, change: TableChange): Promise<void> {
        await write.verify?.(withGrantedFiles(current), change)
        await requireGrantedUpdates(current.identifier, current.metadata, change.updates)
      },
    }
  }

  const withGrantedUpdates =
    (identifier: TableIdentifier, change: TableChangeOrBuilder): TableChangeOrBuilder =>
    async (current) => {
      const built = typeof change === 'function' ? await change(withGrantedFiles(current)) : change
      await requireGrantedUpdates(identifier, current.metadata, built.updates)
      return built
    }

  return {
    ...catalog,
    loadTable: async (table, options) => withGrantedFiles(await catalog.loadTable(table, options)),
    openStore: async (table, options) => {
      const store = await catalog.openStore(table, options)
      return purgeSupport ? guardedStore(store, (location) => requireGranted(location, [], table)) : store
    },
    async stageTable(identifier, table, options) {
      await requireClaims(identifier, table)
      return catalog.stageTable(identifier, table, options)
    },
    async checkNewFolders(identifier, locations, options) {
      await requireClaims(identifier, locations)
      await catalog.checkNewFolders(identifier, locations, options)
    },
    async write<Kind extends WriteKind>(write: CatalogWrite<Kind>, options?: WriteOptions<Kind>) {
      const checked = anyWrite(write)
      await requireGrantedWrite(checked, options)
      const result: WriteResult<WriteKind> = await catalog.write({ ...write, ...withGrantedChanges(checked) }, options)
      if (Array.isArray(result)) return result.map(withGrantedFiles)
      return isTable(result) ? withGrantedFiles(result) : result
    },
  }
}

function isTable(result: WriteResult<WriteKind>): result is LoadedTable {
  return typeof result === 'object' && 'store' in result
}

function foldersOf(locations: Partial<TableLocations>): string[] {
  return tableFolders({ location: '', properties: {}, ...locations }).filter((folder) => folder !== '')
}

/** Whether a location is in the folder that a table of the name gets without asking for another. */
async function isDefaultFolder(
  catalog: CatalogClient,
  { namespace, table }: TableIdentifier,
  location: string,
): Promise<boolean> {
  const { warehouse } = catalog
  if (warehouse === null) return false
  if (isInDefaultFolder(warehouse, [...namespace, table], location)) return true
  const chosen = await chosenFolder(catalog, namespace)
  return chosen !== null && isInDefaultFolder(chosen, [table], location)
}

/** A user with a role on a table alone may not see the other folders of its namespace. */
async function requireFolderOfNamespace(
  catalog: CatalogClient,
  table: TableIdentifier,
  folder: string,
  { seesNamespace }: { seesNamespace: boolean },
): Promise<void> {
  const { namespace } = table
  const own = catalog.namespaceLocation?.(namespace)
  if (seesNamespace) {
    if (own !== undefined && rootLength(folder, [own]) !== null) return
    const chosen = await chosenFolder(catalog, namespace)
    if (chosen !== null && rootLength(folder, [chosen]) !== null) return
  }
  if (!(await isDefaultFolder(catalog, table, folder))) throw otherFolderError(catalog.name, folder, own)
}

async function chosenFolder(catalog: CatalogClient, namespace: Namespace): Promise<string | null> {
  return chosenLocation((await catalog.loadNamespace(namespace)).properties)
}

/**
 * Requires that a user without a role on the whole catalog puts a table into the folder of its own namespace. It does
 * not look at what is in other folders.
 *
 * @throws {AppError} location-refused
 */
export async function requireFoldersOfNamespace(
  catalog: CatalogClient,
  actor: Actor,
  table: TableIdentifier,
  locations: TableLocations,
): Promise<void> {
  if (!catalog.purgeSupport || isPermitted(actor, 'table:read', { catalog: catalog.name })) return
  const seesNamespace = isPermitted(actor, 'table:read', { catalog: catalog.name, namespace: table.namespace })
  for (const folder of foldersOf(locations)) await requireFolderOfNamespace(catalog, table, folder, { seesNamespace })
}

function isNewTable(change: TableChangeOrBuilder): change is TableChange {
  return typeof change !== 'function' && change.requirements.some(({ type }) => type === 'assert-create')
}

/** The folders that a table's first commit claims. The catalog refuses it those of another table. */
function newLocations(updates: readonly TableUpdate[]): TableLocations {
  return {
    location: updates.findLast((update) => update.action === 'set-location')?.location ?? '',
    properties: Object.assign(
      {},
      ...updates.map((update) => (update.action === 'set-properties' ? update.updates : {})),
    ),
  }
}

/** It does not say which table the file belongs to, or whether it exists. */
function notGrantedError(location: string): AppError {
  return new AppError(
    'location-refused',
    'This file is not in a folder of the table, and not in that of another table that you may read.',
    { facts: { location } },
  )
}

/** In the words of the store: hidden files appear not to exist. */
function hiddenFileError(location: string): AppError {
  return new AppError('file-missing', 'There is no file at this location.', { facts: { location } })
}

/** @param own the folder of the namespace */
function otherFolderError(catalog: string, location: string, own: string | undefined): AppError {
  const folder = own === undefined ? 'the folder of its namespace' : `the folder of its namespace, ${own}`
  return new AppError('location-refused', `Without a role on all of ${catalog}, a table can only be in ${folder}.`, {
    facts: { location },
  })
}

/**
 * Requires that the actor may register metadata files in a catalog at all, or read one to see what it would register.
 *
 * @throws {AppError} forbidden
 */
export function requireRegistrationGrant({ name, purgeSupport }: CatalogClient, actor: Actor): void {
  if (purgeSupport || isPermitted(actor, 'table:read', { catalog: name })) return
  throw registrationError(name)
}

function registrationError(catalog: string): AppError {
  return new AppError(
    'forbidden',
    `Registering a metadata file in ${catalog} needs a role on all of it: only its catalog knows whose files the metadata names.`,
  )
}

/** @param own the folder of the namespace; undefined when only the catalog knows it */
function namespaceLocationError(catalog: string, own: string | undefined): AppError {
  const folder = own === undefined ? 'A location of its own' : `A location outside of ${own}`
  return new AppError('forbidden', `${folder} needs a role on all of ${catalog}: tables of others could be there.`)
}
