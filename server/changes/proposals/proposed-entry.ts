import 'server-only'
import { asTableIdentifier, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { LoadedTable, LoadedView } from '@/server/catalog/loaded-table'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'

/** The table or view that a proposal is for. */
export type EntryRef = { kind: 'table'; identifier: TableIdentifier } | { kind: 'view'; identifier: ViewIdentifier }

export type LoadedEntry = { kind: 'table'; loaded: LoadedTable } | { kind: 'view'; loaded: LoadedView }

/** As rows have it: a view as the table of its name. */
export type EntryRow = { table: TableIdentifier; tableUuid: string }

export function nameOf(entry: EntryRef): TableIdentifier {
  return entry.kind === 'view' ? asTableIdentifier(entry.identifier) : entry.identifier
}

export function toEntryRow(entry: LoadedEntry): EntryRow {
  return entry.kind === 'view'
    ? { table: asTableIdentifier(entry.loaded.identifier), tableUuid: entry.loaded.metadata.viewUuid }
    : { table: entry.loaded.identifier, tableUuid: entry.loaded.metadata.tableUuid }
}

/** @throws {AppError} not-found */
export async function loadEntry(
  { catalogs }: Pick<ChangeServices, 'catalogs'>,
  entry: EntryRef,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<LoadedEntry> {
  const catalog = await catalogs.open(entry.identifier.catalog, actor)
  return entry.kind === 'view'
    ? { kind: 'view', loaded: await catalog.loadView(entry.identifier, { signal }) }
    : { kind: 'table', loaded: await catalog.loadTable(entry.identifier, { signal }) }
}
