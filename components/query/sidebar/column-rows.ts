import { noteRow, type TreeRow } from '@/components/explore/catalogs/tree-rows'

/** The columns of a table or view: not read yet, failed, or the list. */
export type TableColumns =
  | { state: 'loading' }
  | { state: 'failed'; message: string }
  | { state: 'read'; columns: readonly { name: string; typeLabel: string }[] }

/** Which tables and views are expanded, and their columns, by their hrefs. */
export type ColumnState = { expanded: ReadonlySet<string>; columnsByHref: ReadonlyMap<string, TableColumns> }

/** Rows of the tree, each table and view that is expanded followed by its columns. */
export function insertColumns(rows: readonly TreeRow[], columns: ColumnState): TreeRow[] {
  return rows.flatMap((row) => (row.kind === 'table' || row.kind === 'view' ? withColumns(row, columns) : [row]))
}

/** A table or view, followed by its columns if it is expanded. */
function withColumns(row: TreeRow, columns: ColumnState): TreeRow[] {
  const isExpanded = columns.expanded.has(row.id)
  const entry = { ...row, isExpanded }
  if (!isExpanded) return [entry]
  const known = columns.columnsByHref.get(row.id) ?? { state: 'loading' }
  const level = row.level + 1
  if (known.state !== 'read') {
    const label = known.state === 'loading' ? 'Reading…' : known.message
    return [entry, noteRow(row.id, label, level, row.target, null, known.state === 'failed')]
  }
  return [
    entry,
    ...known.columns.map(
      (column, index): TreeRow => ({
        id: `${row.id}#column-${column.name}`,
        kind: 'column',
        label: column.name,
        typeLabel: column.typeLabel,
        href: null,
        target: row.target,
        level,
        position: index + 1,
        siblingCount: known.columns.length,
        count: null,
        isExpanded: null,
      }),
    ),
  ]
}
