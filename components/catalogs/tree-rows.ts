import type { NamespaceEntry } from '@/lib/contract/namespaces'
import type { SearchHit } from '@/lib/contract/search'
import { joinNamespace, type Namespace } from '@/lib/iceberg/identifiers'
import { type Place, paths } from '@/lib/paths'

/** One line of the tree, top to bottom as it is drawn. */
export type TreeRow = {
  /** The address of what it stands for, which is unique; for a note, of what the note is about and `#note`. */
  id: string
  kind: 'catalog' | 'namespace' | 'table' | 'view' | 'note'
  label: string
  href: string | null
  place: Place
  /** From 1. */
  level: number
  /** From 1, among its siblings. */
  position: number
  siblings: number
  /** What is directly in it; null where that is not told. */
  count: number | null
  /** Null: cannot be opened. */
  isExpanded: boolean | null
  /** A note about a failure. */
  isProblem?: boolean
}

/** What is known of the inside of a catalog or namespace: nothing yet, a failure, or its children. */
export type Inside =
  | { state: 'loading' }
  | { state: 'failed'; message: string }
  | {
      state: 'read'
      namespaces: readonly NamespaceEntry[]
      tables: readonly string[]
      views: readonly string[]
      /** Tables, views and namespaces that are there and are not shown; the page of what they are in says why. */
      moreCount: number
    }

export type TreeContent = {
  catalogs: readonly string[]
  /** By the address of the catalog or namespace. */
  insides: ReadonlyMap<string, Inside>
  expanded: ReadonlySet<string>
}

/** The tree as lines: what is open is followed by what is in it, namespaces before tables before views. */
export function treeRows({ catalogs, insides, expanded }: TreeContent): TreeRow[] {
  const rows: TreeRow[] = []

  const addInside = (catalog: string, namespace: Namespace, level: number, parentHref: string) => {
    const inside = insides.get(parentHref) ?? { state: 'loading' }
    if (inside.state !== 'read') {
      const label = inside.state === 'loading' ? 'Reading…' : inside.message
      rows.push(note(parentHref, label, level, { catalog, namespace }, null, inside.state === 'failed'))
      return
    }
    const { namespaces, moreCount } = inside
    const entries = [
      ...inside.tables.map((name) => ({ kind: 'table' as const, name })),
      ...inside.views.map((name) => ({ kind: 'view' as const, name })),
    ]
    const siblings = namespaces.length + entries.length + (moreCount > 0 ? 1 : 0)
    if (siblings === 0) rows.push(note(parentHref, 'empty', level, { catalog, namespace }, null, false))
    namespaces.forEach((entry, index) => {
      const href = paths.namespace(catalog, entry.namespace)
      rows.push({
        id: href,
        kind: 'namespace',
        label: entry.namespace.at(-1) ?? '',
        href,
        place: { catalog, namespace: entry.namespace },
        level,
        position: index + 1,
        siblings,
        count: entry.namespaceCount + entry.tableCount + entry.viewCount,
        isExpanded: expanded.has(href),
      })
      if (expanded.has(href)) addInside(catalog, entry.namespace, level + 1, href)
    })
    entries.forEach((entry, index) => {
      rows.push(entryRow({ catalog, namespace }, entry, level, namespaces.length + index + 1, siblings))
    })
    if (moreCount > 0) {
      rows.push(note(parentHref, `${moreCount} more`, level, { catalog, namespace }, parentHref, false))
    }
  }

  catalogs.forEach((catalog, index) => {
    const href = paths.catalog(catalog)
    rows.push(catalogRow(catalog, index + 1, catalogs.length, expanded.has(href)))
    if (expanded.has(href)) addInside(catalog, [], 2, href)
  })
  return rows
}

/** What a filter found, under the catalogs and namespaces it is in, all open. */
export function foundRows(hits: readonly SearchHit[]): TreeRow[] {
  const catalogs = [...new Set(hits.map(({ catalog }) => catalog))].sort()
  return catalogs.flatMap((catalog, index) => {
    const inside = hits.filter((hit) => hit.catalog === catalog)
    const byNamespace = new Map<string, { namespace: Namespace; entries: NamedEntry[] }>()
    for (const { namespace, entry } of inside) {
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
        place: { catalog, namespace },
        level,
        position: position + 1,
        siblings: ordered.length,
        count: null,
        isExpanded: entries.length > 0 ? true : null,
      }
      return [
        row,
        ...entries
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map((entry, at) => entryRow({ catalog, namespace }, entry, level + 1, at + 1, entries.length)),
      ]
    })
    return [catalogRow(catalog, index + 1, catalogs.length, true), ...rows]
  })
}

function catalogRow(catalog: string, position: number, siblings: number, isExpanded: boolean): TreeRow {
  const href = paths.catalog(catalog)
  const place = { catalog }
  return {
    id: href,
    kind: 'catalog',
    label: catalog,
    href,
    place,
    level: 1,
    position,
    siblings,
    count: null,
    isExpanded,
  }
}

type NamedEntry = NonNullable<SearchHit['entry']>

function entryRow(
  within: { catalog: string; namespace: Namespace },
  { kind, name }: NamedEntry,
  level: number,
  position: number,
  siblings: number,
): TreeRow {
  const href = paths[kind]({ ...within, table: name })
  return {
    id: href,
    kind,
    label: name,
    href,
    place: { ...within, [kind]: name },
    level,
    position,
    siblings,
    count: null,
    isExpanded: null,
  }
}

function note(
  about: string,
  label: string,
  level: number,
  place: Place,
  href: string | null,
  isProblem: boolean,
): TreeRow {
  const id = `${about}#note`
  return {
    id,
    kind: 'note',
    label,
    href,
    place,
    level,
    position: 1,
    siblings: 1,
    count: null,
    isExpanded: null,
    isProblem,
  }
}
