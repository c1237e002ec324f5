import 'server-only'
import { asTableIdentifier, type Namespace, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { Change } from '@/server/db/database'
import { pendingObjectChange } from '@/server/db/search/pending-objects'
import type { CatalogClient } from '@/server/catalog/catalog-client'

/**
 * Wraps a catalog so that each write marks what it changed for the search index, together with its audit entry: in the
 * transaction of a commit to our own catalog, after the acknowledgement of another one. Workers index what is marked.
 */
export function withSearchMarks(catalog: CatalogClient): CatalogClient {
  const markTables = (...tables: readonly TableIdentifier[]): Change[] =>
    tables.map(({ namespace, table }) => pendingObjectChange({ catalog: catalog.name, namespace, name: table }))
  const markViews = (...views: readonly ViewIdentifier[]) => markTables(...views.map(asTableIdentifier))
  const markNamespace = (namespace: Namespace) => [
    pendingObjectChange({ catalog: catalog.name, namespace, name: null }),
  ]
  const { restoreMetadata } = catalog
  return {
    ...catalog,
    createNamespace: (namespace, properties, options) =>
      catalog.createNamespace(namespace, properties, withMarks(options, markNamespace(namespace))),
    updateNamespace: (namespace, change, options) =>
      catalog.updateNamespace(namespace, change, withMarks(options, markNamespace(namespace))),
    dropNamespace: (namespace, options) =>
      catalog.dropNamespace(namespace, withMarks(options, markNamespace(namespace))),
    createTable: (table, created, options) =>
      catalog.createTable(table, created, withMarks(options, markTables(table))),
    registerTable: (table, location, options) =>
      catalog.registerTable(table, location, withMarks(options, markTables(table))),
    renameTable: (from, to, options) => catalog.renameTable(from, to, withMarks(options, markTables(from, to))),
    dropTable: (table, options) => catalog.dropTable(table, withMarks(options, markTables(table))),
    commitTable: (table, change, options) => catalog.commitTable(table, change, withMarks(options, markTables(table))),
    ...(restoreMetadata && {
      restoreMetadata: (table, version, options) =>
        restoreMetadata(table, version, withMarks(options, markTables(table))),
    }),
    commitTables: (commits, options) =>
      catalog.commitTables(commits, {
        ...options,
        alongsideAll: () => [
          ...(options?.alongsideAll?.() ?? []),
          ...markTables(...commits.map(({ identifier }) => identifier)),
        ],
      }),
    createView: (view, created, options) => catalog.createView(view, created, withMarks(options, markViews(view))),
    registerView: (view, location, options) =>
      catalog.registerView(view, location, withMarks(options, markViews(view))),
    commitView: (view, change, options) => catalog.commitView(view, change, withMarks(options, markViews(view))),
    renameView: (from, to, options) => catalog.renameView(from, to, withMarks(options, markViews(from, to))),
    dropView: (view, options) => catalog.dropView(view, withMarks(options, markViews(view))),
  }
}

/** The marks come after the rows of the caller, whose positions stay. */
function withMarks<Options extends { alongside?: (written: never) => readonly Change[] }>(
  options: Options | undefined,
  marks: readonly Change[],
): Options {
  const alongside = (written: never) => [...(options?.alongside?.(written) ?? []), ...marks]
  return { ...(options as Options), alongside }
}
