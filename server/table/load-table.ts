import 'server-only'
import { AppError } from '@/lib/errors'
import { asViewIdentifier, joinNamespace, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { isMetadataTableName, type MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'

/** The pages of the console that show the content of a metadata table; for all others, the page of the files. */
const TABS: Partial<Record<MetadataTableName, string>> = {
  history: 'snapshots',
  metadata_log_entries: 'overview',
  properties: 'settings',
  refs: 'snapshots',
  snapshots: 'snapshots',
}

/**
 * Loads a table for a page. If it does not exist, the error says whether the name belongs to a view (fact `foundAs`) or
 * to a metadata table (facts `ofNamespace`, `ofTable`, and `tab`, the page that shows the same).
 *
 * @param actor the error names the table of a metadata table only if the actor may read that table
 * @throws {AppError} as `CatalogClient.loadTable` does
 */
export async function loadTableOrExplain(
  catalog: Pick<CatalogClient, 'loadTable' | 'loadView'>,
  identifier: TableIdentifier,
  actor: Actor,
  signal: AbortSignal,
): Promise<LoadedTable> {
  try {
    return await catalog.loadTable(identifier, { signal })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not-found') throw error
    throw (
      (await explainView(catalog, identifier, error, signal)) ??
      (await explainMetadataTable(catalog, identifier, error, { actor, signal })) ??
      error
    )
  }
}

async function explainView(
  catalog: Pick<CatalogClient, 'loadView'>,
  identifier: TableIdentifier,
  cause: AppError,
  signal: AbortSignal,
): Promise<AppError | null> {
  if (!(await exists(catalog.loadView(asViewIdentifier(identifier), { signal })))) return null
  return new AppError('not-found', `${labelOf(identifier)} is a view, not a table.`, {
    cause,
    facts: { ...cause.facts, foundAs: 'view' },
  })
}

async function explainMetadataTable(
  catalog: Pick<CatalogClient, 'loadTable'>,
  identifier: TableIdentifier,
  cause: AppError,
  { actor, signal }: { actor: Actor; signal: AbortSignal },
): Promise<AppError | null> {
  const found = parseMetadataTable(identifier)
  // The permission that was checked is for another name.
  if (found === null || !isPermitted(actor, 'table:read', found.parent)) return null
  if (!(await exists(catalog.loadTable(found.parent, { signal })))) return null
  const { parent, name, tab } = found
  return new AppError(
    'not-found',
    `${labelOf(identifier)} is the metadata table ${name} of ${labelOf(parent)}. Query reads metadata tables.`,
    {
      cause,
      facts: { foundAs: 'metadata-table', ofNamespace: joinNamespace(parent.namespace), ofTable: parent.table, tab },
    },
  )
}

/** `demo.flights.snapshots` as in Spark, `demo.flights$snapshots` as in Trino. */
function parseMetadataTable({ catalog, namespace, table }: TableIdentifier) {
  const [, base = '', suffix = ''] = /^(.+)[.$]([a-z_]+)$/.exec(table) ?? []
  const name = base === '' ? table : suffix
  if (!isMetadataTableName(name)) return null
  const tab = TABS[name] ?? 'files'
  if (base !== '') return { parent: { catalog, namespace, table: base }, name, tab }
  const parentName = namespace.at(-1)
  if (parentName === undefined || namespace.length < 2) return null
  return { parent: { catalog, namespace: namespace.slice(0, -1), table: parentName }, name, tab }
}

/** Any failure counts as no: the first error is the one to report. */
async function exists(loading: Promise<unknown>): Promise<boolean> {
  return loading.then(
    () => true,
    () => false,
  )
}

function labelOf({ namespace, table }: TableIdentifier): string {
  return `${namespaceLabel(namespace)}.${table}`
}
