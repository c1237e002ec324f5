import type { FoundHit } from '@/lib/contract/search'
import { paths } from '@/lib/paths/paths'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'

/** The page of a hit: the tab that shows it, with it selected where the tab can. */
export function hitAddress({ kind, catalog, namespace, entry, name, detail, target }: FoundHit): string {
  if (entry === null) return paths.namespace(catalog, namespace)
  if (entry.kind === 'view') return paths.entry(catalog, namespace, entry)
  const table = { catalog, namespace, table: entry.name }
  switch (kind) {
    case 'column':
      return paths.column(table, target ?? '')
    case 'tag':
    case 'badge':
      return target === null ? paths.table(table) : paths.column(table, target)
    case 'property':
      return paths.table(table, 'settings')
    case 'snapshot':
      return snapshotPaths.opened(table, name)
    case 'ref':
      return paths.table(table, 'snapshots')
    case 'file':
      return detail === 'data file' && target !== null ? paths.file(table, target) : paths.metadataFiles(table)
    default:
      return paths.table(table)
  }
}

export function hitKey({ kind, catalog, namespace, entry, name, target, detail }: FoundHit): string {
  return JSON.stringify([kind, catalog, namespace, entry, name, target, detail])
}
