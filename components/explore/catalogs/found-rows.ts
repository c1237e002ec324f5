import type { SearchHit } from '@/lib/contract/search'
import type { TableBadge } from '@/lib/contract/shapes/lake'
import { joinNamespace, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { catalogRow, entryRow, type NamedEntry, type TreeRow, withBadge } from './tree-rows'

/** Matches of the filter under their catalogs and namespaces, all expanded, with the badges of tables and views. */
export function foundRows(hits: readonly SearchHit[], badges: readonly TableBadge[]): TreeRow[] {
  const badgesByHref = new Map(badges.map((badge) => [hrefOf(badge.table), badge]))
  const catalogs = [...new Set(hits.map(({ catalog }) => catalog))].sort()
  return catalogs.flatMap((catalog, index) => {
    const catalogHits = hits.filter((hit) => hit.catalog === catalog)
    const byNamespace = new Map<string, { namespace: Namespace; entries: NamedEntry[] }>()
    for (const { namespace, entry } of catalogHits) {
      for (let depth = 1; depth <= namespace.length; depth += 1) {
        const level = namespace.slice(0, depth)
        const key = joinNamespace(level)
        if (!byNamespace.has(key)) byNamespace.set(key, { namespace: level, entries: [] })
      }
      if (entry !== null) byNamespace.get(joinNamespace(namespace))?.entries.push(entry)
    }
    const ordered = [...byNamespace.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
    const rows = ordered.flatMap(([, { namespace, entries }], position) => {
      const href = paths.namespace(catalog, namespace)
      const level = namespace.length + 1
      const row: TreeRow = {
        id: href,
        kind: 'namespace',
        label: namespace.at(-1) ?? '',
        href,
        target: { catalog, namespace },
        level,
        position: position + 1,
        siblingCount: ordered.length,
        count: null,
        isExpanded: entries.length > 0 ? true : null,
      }
      return [
        row,
        ...entries
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map((entry, entryIndex) =>
            withBadge(
              entryRow({ catalog, namespace }, entry, level + 1, entryIndex + 1, entries.length),
              badgesByHref.get(hrefOf({ catalog, namespace, table: entry.name })),
            ),
          ),
      ]
    })
    return [catalogRow(catalog, index + 1, catalogs.length, true), ...rows]
  })
}

/** Also for a view, whose name no table of the namespace has. */
function hrefOf({ catalog, namespace, table }: TableIdentifier): string {
  return paths.table({ catalog, namespace, table })
}
