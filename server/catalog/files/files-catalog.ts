import 'server-only'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace, namespaceLabel, type TableRef } from '@/lib/iceberg/identifiers'
import type { ObjectStore } from '@/server/storage/object-store'
import type { CatalogClient } from '../catalog-client'
import type { MetadataFiles } from '../metadata-files'
import { newestMetadata } from './newest-metadata'

/** A table that no catalog keeps: what it is called here, and where its metadata is. */
export type FilesTable = {
  namespace: Namespace
  table: string
  /** A metadata file, or the table's folder, of which the newest is taken each time. */
  metadataLocation: string
}

/** Tables opened from their metadata files. Read only: without a catalog no commit is safe. */
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

  return {
    name,
    kind: 'files',
    warehouse: null,
    abilities: async () => new Set(),
    openStore: async () => store,

    async listNamespaces(parent) {
      if (parent !== null) requireNamespace(parent)
      const depth = (parent?.length ?? 0) + 1
      const inside = tables.filter(({ namespace }) => namespace.length >= depth && isWithin(namespace, parent ?? []))
      const children = new Map(
        inside.map(({ namespace }) => [joinNamespace(namespace.slice(0, depth)), namespace.slice(0, depth)]),
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
        .map(({ table }): TableRef => ({ catalog: name, namespace, table }))
        .sort((a, b) => (a.table < b.table ? -1 : 1))
    },
    async loadTable(ref, asked = {}) {
      const known = byName.get(keyOf(ref))
      if (!known) {
        throw new AppError('not-found', `Table does not exist: ${namespaceLabel(ref.namespace)}.${ref.table}`)
      }
      const metadataLocation = await newestMetadata(store, known.metadataLocation, asked)
      return {
        ref,
        metadataLocation,
        metadata: await metadataFiles.readTable(store, metadataLocation, asked.signal),
        store,
      }
    },
    listViews: async () => [],
    loadView: async (ref) => {
      throw new AppError('not-found', `View does not exist: ${namespaceLabel(ref.namespace)}.${ref.table}`)
    },

    createNamespace: readOnly,
    updateNamespace: readOnly,
    dropNamespace: readOnly,
    createTable: readOnly,
    stageTable: readOnly,
    registerTable: readOnly,
    renameTable: readOnly,
    dropTable: readOnly,
    commitTable: readOnly,
    commitPath: readOnly,
    commitTables: readOnly,
    createView: readOnly,
    registerView: readOnly,
    commitView: readOnly,
    renameView: readOnly,
    dropView: readOnly,
  }
}

async function readOnly(): Promise<never> {
  throw new AppError('not-supported', 'These tables are opened from their metadata files, which are only read.')
}

function keyOf({ namespace, table }: Pick<FilesTable, 'namespace' | 'table'>): string {
  return JSON.stringify([namespace, table])
}

function isWithin(namespace: Namespace, outer: Namespace): boolean {
  return outer.every((level, i) => namespace[i] === level)
}
