import type { NestedField } from '@/lib/iceberg/schema/types'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import type { SqlRange } from '../statement/sql-error'
import { isSymbol, type Token, tokenKeyword, tokenName } from '../statement/tokenize'
import { planLines, type PlanNode, planNodes, scannedTable, unqualifiedName } from './explain-plan'
import { joinFilters, operatorFilter, type PlanFilter, scanFilter } from './pushed-filters'

/** The rows that a statement reads of its only table, exactly: those that pass, and the column by which they are ordered. */
export type OrderedRows = {
  table: string
  predicate: Predicate
  /** Null: in any order. */
  order: { column: string; isDescending: boolean } | null
}

/** Operators that return the rows of their input, or the first of them. */
const KEEPING_OPERATORS = new Set(['PROJECTION', 'LIMIT', 'STREAMING_LIMIT'])
const ORDERING_OPERATORS = new Set(['TOP_N', 'ORDER_BY'])

/**
 * Null for a plan of other operators, with a condition that is not understood, or ordered by more than one column. Only
 * where the plan has such rows may a limit be applied to the table itself.
 *
 * @param plan the text of DuckDB's plan with pushed filters, of a statement with at most one limit
 */
export function orderedRows(plan: string, tables: ReadonlyMap<string, readonly NestedField[]>): OrderedRows | null {
  const [root, ...others] = planNodes(plan)
  if (root === undefined || others.length > 0) return null
  const operators: PlanNode[] = []
  let order: OrderedRows['order'] = null
  for (let node = root; ; ) {
    const kind = node.name.trim()
    if (kind === 'SEQ_SCAN') {
      const table = scannedTable(node, tables)
      const fields = tables.get(table) ?? []
      const filters: PlanFilter[] = [scanFilter(node, fields), ...operators.map((one) => operatorFilter(one, fields))]
      const { predicate, isExact } = joinFilters('and', filters)
      return isExact ? { table, predicate, order } : null
    }
    if (ORDERING_OPERATORS.has(kind)) {
      const found: OrderedRows['order'] = order === null && operators.length === 0 ? readOrder(node) : null
      if (found === null) return null
      order = found
    } else if (kind === 'FILTER') operators.push(node)
    else if (!KEEPING_OPERATORS.has(kind)) return null
    const [child, ...siblings] = node.children
    if (child === undefined || siblings.length > 0) return null
    node = child
  }
}

const ORDER_TERM = /^((?:(?:\w+|"(?:[^"]|"")*")\.)+\w+) (ASC|DESC)(?: NULLS (?:FIRST|LAST))?$/

/** `commits.committed_at DESC`. A name without a table may be one that the statement gives. */
function readOrder(node: PlanNode): OrderedRows['order'] {
  const [term, ...others] = planLines(node.extra_info['Order By'])
  const [, expression, direction] = ORDER_TERM.exec(term ?? '') ?? []
  if (expression === undefined || others.length > 0) return null
  return { column: unqualifiedName(expression), isDescending: direction === 'DESC' }
}

/**
 * Whether a statement reads one table under the names of its own columns, so that names in its plan are those: without
 * another query inside, and without a list of names after the alias.
 */
export function hasOneSelect(
  { tokens }: { tokens: readonly Token[] },
  references: readonly { fullRange: SqlRange }[],
): boolean {
  const count = (keyword: string) => tokens.filter((token) => tokenKeyword(token) === keyword).length
  if (count('SELECT') > 1 || count('FROM') !== 1) return false
  return references.every(({ fullRange }) => {
    const after = tokens.filter(({ start }) => start >= fullRange.end)
    const alias = tokenKeyword(after[0]) === 'AS' ? after.slice(1) : after
    return !isSymbol(alias[0], '(') && (tokenName(alias[0]) === null || !isSymbol(alias[1], '('))
  })
}
