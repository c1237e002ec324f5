import type { PythonImport, PythonStep } from './intent-statement'

const IMPORTS: Record<PythonImport, string> = {
  types: 'from pyiceberg import types',
  transforms: 'from pyiceberg import transforms',
  NullOrder: 'from pyiceberg.table.sorting import NullOrder',
}

const BLOCKS = {
  schema: 'with transaction.update_schema() as schema:',
  spec: 'with transaction.update_spec() as spec:',
  'sort-order': 'with transaction.update_sort_order() as order:',
} as const

const INDENT = '    '

/**
 * One transaction for the table, one for its branches and tags, which PyIceberg 0.12 cannot change in the same, and one
 * for each expiry.
 *
 * @param table the name of the table as an argument of `load_table`
 */
export function pythonScript(
  table: string,
  steps: readonly PythonStep[],
): { lines: readonly string[]; commitCount: number } {
  if (steps.length === 0) return { lines: [], commitCount: 0 }
  const imports = new Set(steps.flatMap((step) => step.imports ?? []))
  const refLines = steps.filter(({ update }) => update === 'refs').flatMap(({ lines }) => lines)
  const expiryLines = steps.filter(({ update }) => update === 'expiry').flatMap(({ lines }) => lines)
  // Each step is an update of its own, because PyIceberg finds columns by the names before an update.
  const tableLines = steps.flatMap(({ update, lines }) => {
    if (update === 'refs' || update === 'expiry') return []
    return update === 'transaction' ? lines : [BLOCKS[update], ...lines.map((line) => `${INDENT}${line}`)]
  })
  return {
    lines: [
      ...[...imports].map((name) => IMPORTS[name]),
      ...(imports.size === 0 ? [] : ['']),
      '# catalog is what load_catalog returns.',
      `table = catalog.load_table(${table})`,
      ...(tableLines.length === 0 ? [] : ['with table.transaction() as transaction:']),
      ...tableLines.map((line) => `${INDENT}${line}`),
      ...(refLines.length === 0 ? [] : ['with table.manage_snapshots() as refs:']),
      ...refLines.map((line) => `${INDENT}${line}`),
      ...expiryLines,
    ],
    commitCount: Number(tableLines.length > 0) + Number(refLines.length > 0) + expiryLines.length,
  }
}
