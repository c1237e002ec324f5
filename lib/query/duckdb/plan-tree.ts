import { isRecord, parseJsonOrNull } from '@/lib/plain-json'
import type { PlanOperator, PlanScan } from '../query-plan'
import { unqualifiedName } from './explain-plan'
import { writeLikeOperators } from './like-operators'

/** A table of a statement and the name under which DuckDB knows it. */
export type PlannedTable = PlanScan & { localName: string; columns: readonly string[] }

/** Operators that return as many rows as they receive. */
const COUNT_PRESERVING = new Set(['PROJECTION', 'ORDER_BY', 'WINDOW', 'STREAMING_WINDOW'])

/** Operators whose numbers of rows the statement itself has: DuckDB counts them. */
const COUNTED = new Set(['RANGE', 'COLUMN_DATA_SCAN', 'DUMMY_SCAN'])

/** Larger plans are shown as text. */
const MAX_OPERATORS = 2000
const MAX_DEPTH = 200

type RawNode = {
  name?: string | undefined
  operator_name?: string | undefined
  operator_cardinality?: number | undefined
  operator_timing?: number | undefined
  extra_info: Record<string, unknown>
  children: RawNode[]
}

/**
 * DuckDB's plan as a tree, with the names of the tables in place of its own.
 *
 * A plan that was not run knows the numbers of rows in the files, but its columns are empty: DuckDB then estimates a join
 * as large as the cross product, and one group for any number of rows. Of its estimates only those are returned that
 * follow from the numbers of rows alone.
 *
 * @param plan of `EXPLAIN (FORMAT json)` or `EXPLAIN (ANALYZE, FORMAT json)`
 * @param tables that the statement reads
 * @param toSourceText undoes in a text the rewriting for DuckDB
 * @returns null for a text that is not such a plan, and for one that is too large to be drawn
 */
export function toPlanTree(
  plan: string,
  tables: readonly PlannedTable[],
  toSourceText: (text: string) => string = (text) => text,
): readonly PlanOperator[] | null {
  const parsed = parsePlan(plan)
  if (parsed === null) return null
  const { roots, hasRun } = parsed
  let count = 0
  const convert = (node: RawNode, depth: number): PlanOperator => {
    count += 1
    if (count > MAX_OPERATORS || depth > MAX_DEPTH) throw new PlanTooLargeError()
    const projected = readOfUnloaded(node, tables)
    const source = projected?.node ?? node
    const { Table: tableName, 'Estimated Cardinality': estimate, ...rest } = source.extra_info
    const table =
      projected?.table ??
      tables.find(({ localName }) => typeof tableName === 'string' && isTableOf(tableName, localName))
    const name = projected ? 'SEQ_SCAN' : operatorName(source)
    const { Function: _function, Text: _text, Type: _type, ...info } = rest
    const children = projected ? [] : source.children.map((child) => convert(child, depth + 1))
    const operator: PlanOperator = {
      name,
      details: Object.entries(projected ? { Projections: node.extra_info['Projections'] } : info).flatMap((entry) =>
        toDetail(entry, toSourceText),
      ),
      estimatedRows: toEstimate(toRowCount(estimate), table),
      actualRows: toRowCount(source.operator_cardinality),
      timeMs: source.operator_timing === undefined ? null : source.operator_timing * 1000,
      scan: table ? toScan(table) : null,
      children,
    }
    if (hasRun) return operator
    const isCounted = (table !== undefined && info['Filters'] === undefined) || COUNTED.has(name)
    return { ...operator, estimatedRows: isCounted ? operator.estimatedRows : preservedRows(operator) }
  }
  try {
    return roots.map((root) => convert(root, 0))
  } catch (error) {
    if (error instanceof PlanTooLargeError) return null
    throw error
  }
}

/** DuckDB writes 0 where it has no estimate. */
function toEstimate(rowCount: number | null, table: PlannedTable | undefined): number | null {
  return rowCount === 0 && table?.rowCount !== 0 ? null : rowCount
}

/** The rows of the input, if the operator returns all of them; null if it may return more or fewer. */
function preservedRows({ name, children: [input, ...others] }: PlanOperator): number | null {
  return input !== undefined && others.length === 0 && COUNT_PRESERVING.has(name) ? input.estimatedRows : null
}

class PlanTooLargeError extends Error {}

/** Null for another form, which another version of DuckDB may write: its text is shown as it is. */
function parsePlan(plan: string): { roots: RawNode[]; hasRun: boolean } | null {
  const json = parseJsonOrNull(plan)
  if (Array.isArray(json)) return json.every(isRawNode) ? { roots: json, hasRun: false } : null
  if (!isRawNode(json)) return null
  // The analyzed statement is beneath an operator for EXPLAIN itself, beneath the figures of the run.
  const roots = json.children.flatMap((child) => (operatorName(child) === 'EXPLAIN_ANALYZE' ? child.children : [child]))
  return { roots, hasRun: true }
}

/** It is read without zod, which no page needs for a query. */
function isRawNode(node: unknown): node is RawNode {
  if (!isRecord(node)) return false
  const { name, operator_name: operator, operator_cardinality: rows, operator_timing: seconds } = node
  return (
    [name, operator].every((text) => text === undefined || typeof text === 'string') &&
    [rows, seconds].every((figure) => figure === undefined || typeof figure === 'number') &&
    isRecord(node['extra_info']) &&
    Array.isArray(node['children']) &&
    node['children'].every(isRawNode)
  )
}

function operatorName({ name, operator_name: operator }: RawNode): string {
  return (name ?? operator ?? '').trim()
}

/** Loaded columns are in tables of the local name and a number. */
function isTableOf(qualifiedName: string, localName: string): boolean {
  const name = unqualifiedName(qualifiedName)
  return name === localName || (name.startsWith(localName) && /^ (\d+|front)$/.test(name.slice(localName.length)))
}

/**
 * A table without loaded columns is a range of its rows (see `table-cache`): a projection of names of columns over a
 * range of just that length.
 */
function readOfUnloaded(
  node: RawNode,
  tables: readonly PlannedTable[],
): { node: RawNode; table: PlannedTable } | undefined {
  const [child] = node.children
  if (operatorName(node) !== 'PROJECTION' || child === undefined || operatorName(child) !== 'RANGE') return undefined
  const names = toLines(node.extra_info['Projections'])
  const rowCount = toRowCount(child.extra_info['Estimated Cardinality'])
  const table = tables.find(
    ({ columns, rowCount: rows }) => rows === rowCount && names.every((name) => columns.includes(name)),
  )
  return table && { node: child, table }
}

function toScan({ localName: _localName, columns: _columns, ...scan }: PlannedTable): PlanScan {
  return scan
}

function toDetail(
  [label, value]: [string, unknown],
  toSourceText: (text: string) => string,
): { label: string; text: string }[] {
  const text = toLines(value).join(', ')
  return text === '' ? [] : [{ label, text: writeLikeOperators(toSourceText(text)) }]
}

/** DuckDB writes one line as text, and several as a list or with line breaks. */
function toLines(value: unknown): string[] {
  const lines: readonly unknown[] = typeof value === 'string' ? value.split('\n') : Array.isArray(value) ? value : []
  return lines.filter((line) => typeof line === 'string').filter((line) => line !== '')
}

function toRowCount(value: unknown): number | null {
  const count = typeof value === 'string' && /^~?\d+$/.test(value) ? Number(value.replace('~', '')) : value
  return typeof count === 'number' && Number.isSafeInteger(count) ? count : null
}
