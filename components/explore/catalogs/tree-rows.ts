import type { EntryBadge, NamespaceEntry } from '@/lib/contract/namespaces'
import type { SearchHit } from '@/lib/contract/search'
import type { Namespace } from '@/lib/names/identifiers'
import { type PageTarget, paths } from '@/lib/paths/paths'

/** One row of the tree. Rows are listed from top to bottom. */
export type TreeRow = {
  /** The href of the row's target, which is unique. A note has the href of the node it is about, and `#note`. */
  id: string
  kind: 'catalog' | 'namespace' | 'table' | 'view' | 'column' | 'note'
  label: string
  href: string | null
  target: PageTarget
  /** From 1. */
  level: number
  /** From 1, among its siblings. */
  position: number
  siblingCount: number
  /** Number of direct children; null when it is not shown. */
  count: number | null
  /** Null when the row cannot be expanded. */
  isExpanded: boolean | null
  /** Whether this is a note about a failure. */
  isProblem?: boolean
  /** Type of a column. */
  typeLabel?: string
  badge?: Pick<EntryBadge, 'badge' | 'badgeReason'>
}

/** The contents of a catalog or namespace: not read yet, failed, or its children. */
export type NodeContents =
  | { state: 'loading' }
  | { state: 'failed'; message: string }
  | {
      state: 'read'
      namespaces: readonly NamespaceEntry[]
      tables: readonly string[]
      views: readonly string[]
      badges: readonly EntryBadge[]
      /** Number of children that the tree leaves out; the page of the catalog or namespace says why. */
      moreCount: number
    }

export type TreeState = {
  catalogs: readonly string[]
  /** By the href of the catalog or namespace. */
  contentsByHref: ReadonlyMap<string, NodeContents>
  expanded: ReadonlySet<string>
}

/** The tree as rows: an expanded row is followed by its contents, namespaces before tables before views. */
export function treeRows({ catalogs, contentsByHref, expanded }: TreeState): TreeRow[] {
  const rows: TreeRow[] = []

  const addContents = (catalog: string, namespace: Namespace, level: number, parentHref: string) => {
    const contents = contentsByHref.get(parentHref) ?? { state: 'loading' }
    if (contents.state !== 'read') {
      const label = contents.state === 'loading' ? 'Reading…' : contents.message
      rows.push(noteRow(parentHref, label, level, { catalog, namespace }, null, contents.state === 'failed'))
      return
    }
    const { namespaces, moreCount } = contents
    const badges = new Map(contents.badges.map((badge) => [`${badge.kind} ${badge.name}`, badge]))
    const entries = [
      ...contents.tables.map((name) => ({ kind: 'table' as const, name })),
      ...contents.views.map((name) => ({ kind: 'view' as const, name })),
    ]
    const siblingCount = namespaces.length + entries.length + (moreCount > 0 ? 1 : 0)
    if (siblingCount === 0) rows.push(noteRow(parentHref, 'empty', level, { catalog, namespace }, null, false))
    namespaces.forEach((entry, index) => {
      const href = paths.namespace(catalog, entry.namespace)
      const label = entry.namespace.at(-1) ?? ''
      const row: TreeRow = {
        id: href,
        kind: 'namespace',
        label,
        href,
        target: { catalog, namespace: entry.namespace },
        level,
        position: index + 1,
        siblingCount,
        count: entry.namespaceCount + entry.tableCount + entry.viewCount,
        isExpanded: expanded.has(href),
      }
      rows.push(withBadge(row, badges.get(`namespace ${label}`)))
      if (expanded.has(href)) addContents(catalog, entry.namespace, level + 1, href)
    })
    entries.forEach((entry, index) => {
      const row = entryRow({ catalog, namespace }, entry, level, namespaces.length + index + 1, siblingCount)
      rows.push(withBadge(row, badges.get(`${entry.kind} ${entry.name}`)))
    })
    if (moreCount > 0) {
      rows.push(noteRow(parentHref, `${moreCount} more`, level, { catalog, namespace }, parentHref, false))
    }
  }

  catalogs.forEach((catalog, index) => {
    const href = paths.catalog(catalog)
    rows.push(catalogRow(catalog, index + 1, catalogs.length, expanded.has(href)))
    if (expanded.has(href)) addContents(catalog, [], 2, href)
  })
  return rows
}

export function catalogRow(catalog: string, position: number, siblingCount: number, isExpanded: boolean): TreeRow {
  const href = paths.catalog(catalog)
  const target = { catalog }
  return {
    id: href,
    kind: 'catalog',
    label: catalog,
    href,
    target,
    level: 1,
    position,
    siblingCount,
    count: null,
    isExpanded,
  }
}

export function withBadge(row: TreeRow, badge: TreeRow['badge']): TreeRow {
  return badge ? { ...row, badge: { badge: badge.badge, badgeReason: badge.badgeReason } } : row
}

export type NamedEntry = NonNullable<SearchHit['entry']>

export function entryRow(
  parent: { catalog: string; namespace: Namespace },
  { kind, name }: NamedEntry,
  level: number,
  position: number,
  siblingCount: number,
): TreeRow {
  const href = paths.entry(parent.catalog, parent.namespace, { kind, name })
  return {
    id: href,
    kind,
    label: name,
    href,
    target: { ...parent, [kind]: name },
    level,
    position,
    siblingCount,
    count: null,
    isExpanded: null,
  }
}

export function noteRow(
  aboutHref: string,
  label: string,
  level: number,
  target: PageTarget,
  href: string | null,
  isProblem: boolean,
): TreeRow {
  const id = `${aboutHref}#note`
  return {
    id,
    kind: 'note',
    label,
    href,
    target,
    level,
    position: 1,
    siblingCount: 1,
    count: null,
    isExpanded: null,
    isProblem,
  }
}
