import 'server-only'
import {
  type EntryIdentifier,
  type NamespaceIdentifier,
  type TableIdentifier,
  toResource,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import type { LoadedTable, LoadedView } from '@/server/catalog/port/loaded-table'
import { namespaceKey, type ProposedOn } from '@/server/db/catalog/proposals'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'

/** The entry that a proposal is for. */
export type EntryRef =
  | { kind: 'table'; identifier: TableIdentifier }
  | { kind: 'view'; identifier: ViewIdentifier }
  | { kind: 'namespace'; identifier: NamespaceIdentifier }

export type LoadedNamespace = { identifier: NamespaceIdentifier }

export type LoadedEntry =
  | { kind: 'table'; loaded: LoadedTable }
  | { kind: 'view'; loaded: LoadedView }
  | { kind: 'namespace'; loaded: LoadedNamespace }

/** As rows have it. */
export type EntryRow = { on: ProposedOn; tableUuid: string }

export function nameOf({ identifier }: { identifier: EntryIdentifier }): ProposedOn {
  return toResource(identifier)
}

export function toEntryRow(entry: LoadedEntry): EntryRow {
  const on = nameOf(entry.loaded)
  if (entry.kind === 'namespace') return { on, tableUuid: namespaceKey(on.namespace) }
  return {
    on,
    tableUuid: entry.kind === 'view' ? entry.loaded.metadata.viewUuid : entry.loaded.metadata.tableUuid,
  }
}

/** @throws {AppError} not-found */
export async function loadEntry(
  { catalogs }: Pick<ChangeServices, 'catalogs'>,
  entry: EntryRef,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<LoadedEntry> {
  const catalog = await catalogs.open(entry.identifier.catalog, actor)
  if (entry.kind === 'table') return { kind: 'table', loaded: await catalog.loadTable(entry.identifier, { signal }) }
  if (entry.kind === 'view') return { kind: 'view', loaded: await catalog.loadView(entry.identifier, { signal }) }
  await catalog.loadNamespace(entry.identifier.namespace, { signal })
  return { kind: 'namespace', loaded: { identifier: entry.identifier } }
}
