import 'server-only'
import { asTableIdentifier, type Namespace, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { Change } from '@/server/db/database'
import { pendingObjectChange } from '@/server/db/search/pending-objects'
import type { CatalogClient } from '@/server/catalog/catalog-client'

/**
 * Wraps a catalog so that each write requests that the search index reads again what changed. The request is stored with
 * the audit entry: in the transaction of a commit to our own catalog, after the acknowledgement of another one.
 */
export function withReindexRequests(catalog: CatalogClient): CatalogClient {
  const reindexTables = (...tables: readonly TableIdentifier[]): Change[] =>
    tables.map(({ namespace, table }) => pendingObjectChange({ catalog: catalog.name, namespace, name: table }))
  const reindexViews = (...views: readonly ViewIdentifier[]) => reindexTables(...views.map(asTableIdentifier))
  const reindexNamespace = (namespace: Namespace) => [
    pendingObjectChange({ catalog: catalog.name, namespace, name: null }),
  ]
  const { restoreMetadata } = catalog
  return {
    ...catalog,
    createNamespace: (namespace, properties, options) =>
      catalog.createNamespace(namespace, properties, withRequests(options, reindexNamespace(namespace))),
    updateNamespace: (namespace, change, options) =>
      catalog.updateNamespace(namespace, change, withRequests(options, reindexNamespace(namespace))),
    dropNamespace: (namespace, options) =>
      catalog.dropNamespace(namespace, withRequests(options, reindexNamespace(namespace))),
    createTable: (table, created, options) =>
      catalog.createTable(table, created, withRequests(options, reindexTables(table))),
    registerTable: (table, location, options) =>
      catalog.registerTable(table, location, withRequests(options, reindexTables(table))),
    renameTable: (from, to, options) => catalog.renameTable(from, to, withRequests(options, reindexTables(from, to))),
    dropTable: (table, options) => catalog.dropTable(table, withRequests(options, reindexTables(table))),
    commitTable: (table, change, options) =>
      catalog.commitTable(table, change, withRequests(options, reindexTables(table))),
    ...(restoreMetadata && {
      restoreMetadata: (table, version, options) =>
        restoreMetadata(table, version, withRequests(options, reindexTables(table))),
    }),
    commitTables: (commits, options) =>
      catalog.commitTables(commits, {
        ...options,
        alongsideAll: () => [
          ...(options?.alongsideAll?.() ?? []),
          ...reindexTables(...commits.map(({ identifier }) => identifier)),
        ],
      }),
    createView: (view, created, options) =>
      catalog.createView(view, created, withRequests(options, reindexViews(view))),
    registerView: (view, location, options) =>
      catalog.registerView(view, location, withRequests(options, reindexViews(view))),
    commitView: (view, change, options) => catalog.commitView(view, change, withRequests(options, reindexViews(view))),
    renameView: (from, to, options) => catalog.renameView(from, to, withRequests(options, reindexViews(from, to))),
    dropView: (view, options) => catalog.dropView(view, withRequests(options, reindexViews(view))),
  }
}

/** The requests follow the rows of the caller, so that those keep their positions. */
function withRequests<Options extends { alongside?: (written: never) => readonly Change[] }>(
  options: Options | undefined,
  requests: readonly Change[],
): Options {
  const alongside = (written: never) => [...(options?.alongside?.(written) ?? []), ...requests]
  return { ...(options as Options), alongside }
}
