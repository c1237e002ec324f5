import 'server-only'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { ObjectStore } from '@/server/storage/object-store'
import { gateFormat } from '../format-gate'
import type { CatalogClient } from '../port/catalog-client'
import type { MetadataFiles } from '../metadata-files'
import { findNewestMetadata } from './find-newest-metadata'

/** A table without a catalog: its name in Lakeshore, and the location of its metadata. */
export type FilesTable = {
  namespace: Namespace
  table: string
  /** A metadata file, or the table's folder, whose newest metadata file is read at every load. */
  metadataLocation: string
}

/** Tables opened from their metadata files. They are read-only, because no commit is safe without a catalog. */
export function filesCatalog({
  name,
  tables,
  store,
  metadataFiles,
}: {
  name: string
  tables: readonly FilesTable[]
  store: ObjectStore
  metadataFiles: MetadataFiles
}): CatalogClient {
  const byName = new Map(tables.map((table) => [keyOf(table), table]))

  const requireNamespace = (namespace: Namespace): void => {
    if (!tables.some((table) => isWithin(table.namespace, namespace))) {
      throw new AppError('not-found', `Namespace does not exist: ${namespaceLabel(namespace)}`)
    }
  }

  const requireTable = (identifier: TableIdentifier): FilesTable => {
    const table = byName.get(keyOf(identifier))
    if (table) return table
    throw new AppError('not-found', `Table does not exist: ${namespaceLabel(identifier.namespace)}.${identifier.table}`)
  }

  return {
    name,
    kind: 'files',
    warehouse: null,
    abilities: async () => new Set(),
    openStore: async () => store,

    async listNamespaces(parent) {
      if (parent !== null) requireNamespace(parent)
      const depth = (parent?.length ?? 0) + 1
      const descendants = tables.filter(
        ({ namespace }) => namespace.length >= depth && isWithin(namespace, parent ?? []),
      )
      const children = new Map(
        descendants.map(({ namespace }) => [joinNamespace(namespace.slice(0, depth)), namespace.slice(0, depth)]),
      )
      return [...children.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, namespace]) => namespace)
    },
    async loadNamespace(namespace) {
      requireNamespace(namespace)
      return { namespace, properties: {} }
    },
    async listTables(namespace) {
      requireNamespace(namespace)
      return tables
        .filter((table) => joinNamespace(table.namespace) === joinNamespace(namespace))
        .map(({ table }): TableIdentifier => ({ catalog: name, namespace, table }))
        .sort((a, b) => (a.table < b.table ? -1 : 1))
    },
    async loadTable(identifier, options = {}) {
      const metadataLocation = await findNewestMetadata(store, requireTable(identifier).metadataLocation, options)
      const metadata = await metadataFiles.readTable(store, metadataLocation, options.signal)
      return gateFormat({ identifier, metadataLocation, metadata, store })
    },
    async pollMetadata(identifier, { etag, ...options }) {
      const metadataLocation = await findNewestMetadata(store, requireTable(identifier).metadataLocation, options)
      // The file of a version never changes, so its location names the version.
      if (metadataLocation === etag) return { isUnchanged: true }
      const metadata = await metadataFiles.readTable(store, metadataLocation, options.signal)
      const sizeBytes = await store.sizeBytes(metadataLocation, options)
      return { isUnchanged: false, metadata, metadataLocation, etag: metadataLocation, sizeBytes }
    },
    listViews: async () => [],
    loadView: async (identifier) => {
      throw new AppError('not-found', `View does not exist: ${namespaceLabel(identifier.namespace)}.${identifier.view}`)
    },

    stageTable: rejectWrite,
    checkNewFolders: rejectWrite,
    commitPath: rejectWrite,
    write: rejectWrite,
    restoresMetadata: false,
  }
}

async function rejectWrite(): Promise<never> {
  throw new AppError('not-supported', 'Tables opened from metadata files are read-only.')
}

function keyOf({ namespace, table }: Pick<FilesTable, 'namespace' | 'table'>): string {
  return JSON.stringify([namespace, table])
}

function isWithin(namespace: Namespace, outer: Namespace): boolean {
  return outer.every((level, i) => namespace[i] === level)
}
