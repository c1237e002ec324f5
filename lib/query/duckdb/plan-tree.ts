import { z } from 'zod'
import type { PlanOperator, PlanScan } from '../query-plan'
import { writeLikeOperators } from './like-operators'

/** A table of a statement and the name under which DuckDB knows it. */
export type PlannedTable = PlanScan & { localName: string; columns: readonly string[] }

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
const rawNode: z.ZodType<RawNode> = z.lazy(() =>
  z.object({
    name: z.string().optional(),
    operator_name: z.string().optional(),
    operator_cardinality: z.number().optional(),
    operator_timing: z.number().optional(),
    extra_info: z.record(z.string(), z.unknown()),
    children: z.array(rawNode),
  }),
)

/**
 * DuckDB's plan as a tree, with the names of the tables in place of its own.
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
  const roots = parsePlan(plan)
  if (roots === null) return null
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
    return {
      name,
      details: Object.entries(projected ? { Projections: node.extra_info['Projections'] } : info).flatMap((entry) =>
        toDetail(entry, toSourceText),
      ),
      estimatedRows: toRowCount(estimate),
      actualRows: toRowCount(source.operator_cardinality),
      timeMs: source.operator_timing === undefined ? null : source.operator_timing * 1000,
      scan: table ? toScan(table) : null,
      children: projected ? [] : source.children.map((child) => convert(child, depth + 1)),
    }
  }
  try {
    return roots.map((root) => convert(root, 0))
  } catch (error) {
    if (error instanceof PlanTooLargeError) return null
    throw error
  }
}

class PlanTooLargeError extends Error {}

function parsePlan(plan: string): RawNode[] | null {
  try {
    const json: unknown = JSON.parse(plan)
    if (Array.isArray(json)) return z.array(rawNode).parse(json)
    // The analyzed statement is beneath an operator for EXPLAIN itself, beneath the figures of the run.
    const root = rawNode.parse(json)
    return root.children.flatMap((child) => (operatorName(child) === 'EXPLAIN_ANALYZE' ? child.children : [child]))
  } catch {
    // Another version of DuckDB may write another form: its text is shown as it is.
    return null
  }
}

function operatorName({ name, operator_name: operator }: RawNode): string {
  return (name ?? operator ?? '').trim()
}

/** Loaded columns are in tables of the local name and a number. Newer versions of DuckDB qualify the name. */
function isTableOf(qualifiedName: string, localName: string): boolean {
  const name = qualifiedName.slice(qualifiedName.lastIndexOf('.') + 1)
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
