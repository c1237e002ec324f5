'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { UnlessNoAccess } from '@/components/admin/access/requests/unless-no-access'
import { Tree } from '@/components/explore/catalogs/tree'
import { foundRows } from '@/components/explore/catalogs/found-rows'
import type { TreeRow } from '@/components/explore/catalogs/tree-rows'
import { useTreeRows } from '@/components/explore/catalogs/use-tree-rows'
import { FilterField } from '@/components/ui/controls/filter-field'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useSettled } from '@/components/ui/use-settled'
import { retryFetch } from '@/lib/client/call/retry'
import { searchQuery } from '@/lib/client/search'
import type { SearchHit } from '@/lib/contract/search'
import { historyTableLabel } from '@/lib/facts/history-table-names'
import { asTableIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { paths, targetFromPathname } from '@/lib/paths/paths'
import { sqlName, writeTableName } from '@/lib/query/tables/table-name'
import classes from './table-sidebar.module.css'
import { insertColumns, type TableColumns } from './column-rows'
import { historyTableOf, withFoundHistoryRows, withHistoryRows } from './history-rows'
import { useTableColumns } from './use-table-columns'

const LazyTableMenu = lazyComponent(async () => (await import('./table-menu')).TableMenu)

const DEBOUNCE_MS = 120

export type TableSidebarProps = {
  connections: readonly string[]
  connection: string
  /** Called with SQL to insert at the cursor. */
  onInsert: (sql: string) => void
  /** Called with the name of a table or view, as SQL, to show its first rows. */
  onPreview: (name: string) => void
}

/**
 * Catalogs, namespaces, tables, views and their columns, next to the editor. A node is read when it is opened. A click
 * on a table, a view or a column inserts its name; tables and views have a menu.
 */
export function TableSidebar({ connections, connection, onInsert, onPreview }: TableSidebarProps) {
  const [filter, setFilter] = useState('')
  const query = filter.trim()
  const debouncedQuery = useSettled(query, DEBOUNCE_MS)
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set())
  const columnsByHref = useTableColumns(expanded, connection)
  const { rows, error, isPending } = useTreeRows(expanded)
  const search = useQuery({ ...searchQuery(debouncedQuery), enabled: debouncedQuery !== '' })
  const [menu, setMenu] = useState<{ row: TreeRow; anchor: HTMLElement } | null>(null)

  // The chosen connection starts open. What the user opens or closes afterwards stays that way.
  const [opened, setOpened] = useState('')
  if (connection !== '' && opened !== connection) {
    setOpened(connection)
    setExpanded(new Set([...expanded, paths.catalog(connection)]))
  }

  const toggle = (id: string, open: boolean) => {
    const next = new Set(expanded)
    if (open) next.add(id)
    else next.delete(id)
    setExpanded(next)
  }
  const nameOf = (row: TreeRow) => {
    const historyTable = historyTableOf(row.id)
    if (historyTable !== null) return historyTableLabel(historyTable)
    const identifier = rowIdentifier(row)
    return identifier && writeTableName(identifier, { connections, connection })
  }
  const open = (row: TreeRow) => {
    if (row.kind === 'column') return onInsert(sqlName([row.label]))
    if (row.kind === 'table' || row.kind === 'view') return onInsert(nameOf(row) ?? '')
    if (row.isExpanded !== null) toggle(row.id, !row.isExpanded)
  }
  const isFiltered = query !== ''
  const found = filteredColumns(columnsByHref, query)
  const hits = withColumnHits(search.data?.hits ?? [], found)
  const foundTables = { expanded: new Set([...expanded, ...found.keys()]), columnsByHref: found }
  const visibleRows = isFiltered
    ? insertColumns(withFoundHistoryRows(foundRows(hits, search.data?.badges ?? []), query), foundTables)
    : insertColumns(withHistoryRows(rows, expanded), { expanded, columnsByHref })
  const problem = isFiltered ? search.error : error
  return (
    <nav className={classes.sidebar} aria-label="Tables and columns">
      <div className={classes.filter}>
        <FilterField label="Tables and columns" value={filter} onChange={setFilter} />
      </div>
      {problem ? (
        <div className={classes.problem}>
          <ProblemNote
            error={problem}
            subject="The list of tables"
            {...(isFiltered && { onRetry: () => retryFetch(search.refetch) })}
          />
        </div>
      ) : isPending || (isFiltered && search.isPending) ? (
        <SkeletonRows rows={6} columns={1} label="Reading catalogs" />
      ) : visibleRows.length === 0 || (!isFiltered && rows.length === 0) ? (
        <UnlessNoAccess>
          <p className={classes.nothing}>
            {isFiltered ? `No names match “${query}”.` : 'No catalog is connected yet.'}
          </p>
        </UnlessNoAccess>
      ) : (
        <Tree
          rows={visibleRows}
          selectedId={null}
          onToggle={toggle}
          onOpen={open}
          onMenu={(row, anchor) => setMenu({ row, anchor })}
          label="Catalogs, namespaces, tables, views and columns"
        />
      )}
      {isFiltered && search.data?.isTruncated === true && (
        <p className={classes.foot}>only the best matches are shown</p>
      )}
      {menu !== null && (
        <LazyTableMenu
          anchor={menu.anchor}
          name={nameOf(menu.row) ?? ''}
          href={menu.row.href}
          onInsert={onInsert}
          onPreview={onPreview}
          onClose={() => setMenu(null)}
        />
      )}
    </nav>
  )
}

function rowIdentifier({ target: { catalog, namespace, table, view } }: TreeRow): TableIdentifier | null {
  if (catalog === undefined || namespace === undefined) return null
  if (table !== undefined) return { catalog, namespace, table }
  return view === undefined ? null : asTableIdentifier({ catalog, namespace, view })
}

/** The columns of open tables whose names contain all words; all columns of a table without such columns. */
function filteredColumns(columnsByHref: ReadonlyMap<string, TableColumns>, query: string): Map<string, TableColumns> {
  const parts = query.toLowerCase().split(/\s+/)
  return new Map(
    [...columnsByHref].flatMap(([href, known]): [string, TableColumns][] => {
      if (known.state !== 'read') return []
      const columns = known.columns.filter(({ name }) => parts.every((part) => name.toLowerCase().includes(part)))
      return columns.length === 0 ? [] : [[href, { state: 'read', columns }]]
    }),
  )
}

/** The hits of the search, and the tables whose columns match. */
function withColumnHits(hits: readonly SearchHit[], found: ReadonlyMap<string, TableColumns>): SearchHit[] {
  const known = new Set(
    hits.map(({ catalog, namespace, entry }) => (entry === null ? '' : paths.entry(catalog, namespace, entry))),
  )
  const others = [...found.keys()].flatMap((href): SearchHit[] => {
    const { catalog, namespace, table, view } = targetFromPathname(href)
    if (known.has(href) || catalog === undefined || namespace === undefined) return []
    const entry =
      table === undefined ? { kind: 'view' as const, name: view ?? '' } : { kind: 'table' as const, name: table }
    return [{ catalog, namespace: [...namespace], entry }]
  })
  return [...hits, ...others]
}
