import type { TreeRow } from '@/components/explore/catalogs/tree-rows'
import { HISTORY_NAMESPACE, HISTORY_TABLE_NAMES, type HistoryTableName } from '@/lib/facts/history-table-names'

/** The rows of the tree for the collected history. They have no pages, so their ids are no addresses. */

const ROOT_ID = 'history'

/** @param rows those of the catalogs, which come first */
export function withHistoryRows(rows: readonly TreeRow[], expanded: ReadonlySet<string>): TreeRow[] {
  const rootCount = rows.filter(({ level }) => level === 1).length + 1
  const isExpanded = expanded.has(ROOT_ID)
  return [
    ...rows.map((row) => (row.level === 1 ? { ...row, siblingCount: rootCount } : row)),
    {
      ...NO_PAGE,
      id: ROOT_ID,
      kind: 'namespace',
      label: HISTORY_NAMESPACE,
      level: 1,
      isExpanded,
      ...at(rootCount, rootCount),
    },
    ...(isExpanded ? HISTORY_TABLE_NAMES : []).map((name, index) => tableRow(name, index, HISTORY_TABLE_NAMES.length)),
  ]
}

/** The history tables whose names have all words of a filter, below their namespace. */
export function withFoundHistoryRows(rows: readonly TreeRow[], query: string): TreeRow[] {
  const words = query.toLowerCase().split(/\s+/)
  const found = HISTORY_TABLE_NAMES.filter((name) =>
    words.every((word) => `${HISTORY_NAMESPACE}.${name}`.includes(word)),
  )
  if (found.length === 0) return [...rows]
  const [root, ...others] = withHistoryRows([], new Set([ROOT_ID]))
  const position = rows.filter(({ level }) => level === 1).length + 1
  return [
    ...rows,
    ...(root ? [{ ...root, position, siblingCount: position }] : []),
    ...others.filter(({ id }) => found.some((name) => id === tableId(name))),
  ]
}

/** The history table of a row; null for any other row. */
export function historyTableOf(id: string): HistoryTableName | null {
  return HISTORY_TABLE_NAMES.find((name) => tableId(name) === id) ?? null
}

function tableRow(name: HistoryTableName, index: number, count: number): TreeRow {
  return {
    ...NO_PAGE,
    id: tableId(name),
    kind: 'table',
    label: name,
    level: 2,
    isExpanded: null,
    ...at(index + 1, count),
  }
}

const NO_PAGE = { href: null, target: {}, count: null } as const

function at(position: number, siblingCount: number): Pick<TreeRow, 'position' | 'siblingCount'> {
  return { position, siblingCount }
}

function tableId(name: HistoryTableName): string {
  return `${ROOT_ID}/${name}`
}
