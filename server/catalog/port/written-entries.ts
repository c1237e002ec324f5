import 'server-only'
import { asTableIdentifier, type Namespace, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { CatalogWrite, WriteKind } from './catalog-write'

/** A table, a view under the identifier of a table, or a namespace. */
export type WrittenEntry = TableIdentifier | { catalog: string; namespace: Namespace; table?: never }

/** The table or view that a write is about. */
export function entryOf(write: { table: TableIdentifier } | { view: ViewIdentifier }): TableIdentifier {
  return 'view' in write ? asTableIdentifier(write.view) : write.table
}

/** The entries that a write names. A rename names the old name before the new one. */
export function writtenEntries(catalog: string, write: CatalogWrite): WrittenEntry[] {
  if ('namespace' in write) return [{ catalog, namespace: write.namespace }]
  if ('commits' in write) return write.commits.map(({ identifier }) => identifier)
  if ('view' in write) return [write.view, ...('to' in write ? [write.to] : [])].map(asTableIdentifier)
  return [write.table, ...('to' in write ? [write.to] : [])]
}

const ACTIONS: Partial<Record<WriteKind, string>> = {
  'commit-table': 'commit',
  'commit-tables': 'commit',
  'commit-view': 'replace-view',
}

/** The action that the audit names when nothing more is known of a write. */
export function auditAction(kind: WriteKind): string {
  return ACTIONS[kind] ?? kind
}
