import { isRecord } from '@/lib/plain-json'

/**
 * The columns of each table that a statement needs, from DuckDB's `EXPLAIN (FORMAT json)` over empty tables.
 *
 * DuckDB names columns of a nested field by their path (`leg.taxi.out`), so a name is matched with the table's own
 * columns; if none matches, all columns are needed. Too many columns cost time, too few would give wrong results.
 */
export type NeededColumns = {
  /** The needed columns by table name, in the order of the table. */
  byTable: ReadonlyMap<string, readonly string[]>
  /** Only a scan, projections and limits: the first rows of the table are enough (see `first-rows-needed`). */
  isFirstRowsOnly: boolean
}

/**
 * Disabled for the EXPLAIN. These optimizers drop parts of the plan because a table is empty, or move columns into the
 * scan, where the plan no longer names them. The query over the real rows would then lack those columns.
 */
export const DISABLED_OPTIMIZERS =
  'statistics_propagation,filter_pushdown,filter_pullup,late_materialization,compressed_materialization,' +
  'join_filter_pushdown,empty_result_pullup'

export type PlanNode = { name: string; extra_info: Record<string, unknown>; children: PlanNode[] }

const FIRST_ROWS_OPERATORS = new Set(['PROJECTION', 'LIMIT', 'STREAMING_LIMIT', 'SEQ_SCAN'])

/**
 * @param plan the text of DuckDB's plan
 * @param tables the columns of every table that the statement may scan, by its name
 * @throws {Error} when the text is not such a plan
 */
export function neededColumns(plan: string, tables: ReadonlyMap<string, readonly string[]>): NeededColumns {
  const nodes = planNodes(plan)
  const needed = new Map<string, Set<string>>([...tables.keys()].map((name) => [name, new Set()]))
  let isFirstRowsOnly = nodes.length === 1
  const visit = (node: PlanNode) => {
    const kind = node.name.trim()
    if (!FIRST_ROWS_OPERATORS.has(kind) || node.children.length > 1) isFirstRowsOnly = false
    if (kind === 'SEQ_SCAN') {
      const table = scannedTable(node, tables)
      for (const name of planLines(node.extra_info.Projections))
        for (const column of matchColumns(name, tables.get(table) ?? [])) needed.get(table)?.add(column)
    }
    node.children.forEach(visit)
  }
  nodes.forEach(visit)
  return {
    byTable: new Map(
      [...tables].map(([name, columns]) => [name, columns.filter((column) => needed.get(name)?.has(column))]),
    ),
    isFirstRowsOnly,
  }
}

/** @throws {Error} when the text is not a plan */
export function planNodes(plan: string): PlanNode[] {
  const nodes: unknown = JSON.parse(plan)
  if (!Array.isArray(nodes) || !nodes.every(isPlanNode)) throw new Error('DuckDB returned a plan in an unknown form')
  return nodes
}

/** It is read without zod, which no page needs for a query. */
function isPlanNode(node: unknown): node is PlanNode {
  if (!isRecord(node)) return false
  const { name, extra_info: info, children } = node
  return typeof name === 'string' && isRecord(info) && Array.isArray(children) && children.every(isPlanNode)
}

/** The scanned table. */
export function scannedTable(node: PlanNode, tables: ReadonlyMap<string, unknown>): string {
  const qualifiedName = node.extra_info.Table
  if (typeof qualifiedName !== 'string') throw new Error('DuckDB returned a scan of a table without a name')
  const name = unqualifiedName(qualifiedName)
  if (!tables.has(name)) throw new Error(`The plan scans ${qualifiedName}, which the statement does not name`)
  return name
}

/** The last part of a name. Newer versions of DuckDB qualify names, and quote them where SQL has to: `memory.main."a b"`. */
export function unqualifiedName(qualifiedName: string): string {
  const [, quoted, plain = qualifiedName] = /(?:^|\.)(?:"((?:[^"]|"")*)"|([^".]*))$/.exec(qualifiedName) ?? []
  return quoted?.replaceAll('""', '"') ?? plain
}

/** DuckDB returns one line as text, several as a list, none as empty text. */
export function planLines(lines: unknown): string[] {
  if (lines === undefined || lines === '') return []
  if (typeof lines === 'string') return [lines]
  if (Array.isArray(lines) && lines.every((line) => typeof line === 'string')) return lines
  throw new Error('DuckDB returned the lines of an operator in an unknown form')
}

function matchColumns(name: string, columns: readonly string[]): readonly string[] {
  const matching = columns.filter((column) => name === column || name.startsWith(`${column}.`))
  return matching.length > 0 ? matching : columns
}
