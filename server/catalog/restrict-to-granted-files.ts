import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { guardedStore } from '@/server/storage/guarded-store'
import { rootLength } from '@/server/storage/location-gate'
import type { CatalogClient, LoadedTable, TableChangeOrBuilder } from './catalog-client'
import { locationsInUpdate } from './embedded/check-locations'
import { type TableLocations, tableFolders } from './table-folders'

/**
 * Wraps a catalog for somebody whose grants do not reach all of it. Metadata, manifests and commits can name any file of
 * the warehouse, and Lakeshore reads them with its own credentials. So this person gets the files in the table's own
 * folders, and elsewhere only those that are in no table's folder or in the folder of a table that they may read.
 *
 * Only the embedded catalog knows which folder belongs to which table. In others, files outside of the table's own
 * folders are refused, and so is registering a metadata file.
 */
export function restrictToGrantedFiles(catalog: CatalogClient, actor: Actor): CatalogClient {
  if (isPermitted(actor, 'table:read', { catalog: catalog.name })) return catalog
  const { purgeSupport, restoreMetadata } = catalog
  const fileScope = createHash('sha256')
    .update(`${actor.userId}\n${JSON.stringify(actor.grants)}`)
    .digest('base64url')

  async function requireGranted(location: string, ownFolders: readonly string[]): Promise<void> {
    if (rootLength(location, ownFolders) !== null) return
    const owners = await purgeSupport?.findOwners(location)
    const isGranted =
      owners !== undefined && (owners.length === 0 || owners.some((owner) => isPermitted(actor, 'table:read', owner)))
    if (!isGranted) throw notGrantedError(location)
  }

  const withGrantedFiles = (table: LoadedTable): LoadedTable => {
    const ownFolders = tableFolders(table.metadata)
    const store = guardedStore(table.store, (location) => requireGranted(location, ownFolders))
    return { ...table, store, fileScope }
  }

  async function requireGrantedUpdates(table: TableLocations, updates: readonly TableUpdate[]): Promise<void> {
    const ownFolders = tableFolders(table)
    for (const update of updates)
      for (const { location } of locationsInUpdate(update)) await requireGranted(location, ownFolders)
  }

  const withGrantedUpdates =
    (change: TableChangeOrBuilder): TableChangeOrBuilder =>
    async (current) => {
      const built = typeof change === 'function' ? await change(withGrantedFiles(current)) : change
      await requireGrantedUpdates(current.metadata, built.updates)
      return built
    }

  return {
    ...catalog,
    loadTable: async (table, options) => withGrantedFiles(await catalog.loadTable(table, options)),
    openStore: async (table, options) => {
      const store = await catalog.openStore(table, options)
      return purgeSupport ? guardedStore(store, (location) => requireGranted(location, [])) : store
    },
    createTable: async (identifier, table, options) =>
      withGrantedFiles(await catalog.createTable(identifier, table, options)),
    async registerTable(identifier, metadataLocation, options) {
      if (!purgeSupport) throw registrationError(identifier)
      await requireGranted(metadataLocation, [])
      return withGrantedFiles(await catalog.registerTable(identifier, metadataLocation, options))
    },
    async commitTable(identifier, change, options) {
      const isNew = typeof change !== 'function' && change.requirements.some(({ type }) => type === 'assert-create')
      if (!isNew) return withGrantedFiles(await catalog.commitTable(identifier, withGrantedUpdates(change), options))
      await requireGrantedUpdates(newLocations(change.updates), change.updates)
      return withGrantedFiles(await catalog.commitTable(identifier, change, options))
    },
    async commitTables(commits, options) {
      const committed = await catalog.commitTables(commits, {
        ...options,
        async verify(current, change) {
          await options?.verify?.(withGrantedFiles(current), change)
          await requireGrantedUpdates(current.metadata, change.updates)
        },
      })
      return committed.map(withGrantedFiles)
    },
    ...(restoreMetadata && {
      restoreMetadata: async (identifier, version, options) =>
        withGrantedFiles(await restoreMetadata(identifier, version, options)),
    }),
  }
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

function registrationError({ catalog }: TableIdentifier): AppError {
  return new AppError(
    'forbidden',
    `Registering a metadata file in ${catalog} needs a role on all of it: only its catalog knows whose files the metadata names.`,
  )
}
