import { pythonString } from '@/lib/sql/quoting'
import type { AccessMethod, SnippetEngine } from '@/lib/connect/snippet'
import { snippetFor } from '@/lib/connect/snippet-for'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Lakeshore } from '@/testing/product/lakeshore'
import { sparkEnvironment } from '@/testing/peers/spark-environment'
import { runToEnd } from '@/testing/processes/run-to-end'

/** Variables of a Python that runs a snippet. @param pyspark the interpreter, if the snippet starts Spark */
export function snippetEnvironment(pyspark: string | null): Record<string, string> {
  return { PYTHONIOENCODING: 'utf-8', ...(pyspark !== null && sparkEnvironment(pyspark, { isShort: true })) }
}

/** Tables for snippets: a plain one, one with SQL keywords in its name, one with characters that need care. */
export const TABLES = [
  { catalog: 'local', namespace: ['shop'], table: 'trips' },
  { catalog: 'local', namespace: ['shop', 'select'], table: 'order' },
  { catalog: 'local', namespace: ['shop', `it's "north" \`é\``], table: `100% of a.b $x ünï 😀 'q' "d" \`t\`` },
] as const satisfies TableIdentifier[]

const TIMEOUT_MS = 300_000

/**
 * Creates the tables and their namespaces with PyIceberg, each table with three rows.
 *
 * @param properties further properties of the catalog for PyIceberg
 */
export async function createTables(
  python: string,
  { uri, token }: Lakeshore,
  tables: readonly TableIdentifier[] = TABLES,
  properties: Record<string, string> = {},
): Promise<void> {
  const name = ({ namespace, table }: TableIdentifier) => `(${[...namespace, table].map(pythonString).join(', ')})`
  const namespaces = tables.map(({ namespace }) => `(${namespace.map(pythonString).join(', ')},)`)
  const code = `
import os, pyarrow as pa
from pyiceberg.catalog import load_catalog
catalog = load_catalog('local', type='rest', uri=${pythonString(uri)}, token=os.environ['LAKESHORE_TOKEN'],
  **${JSON.stringify(properties)})
rows = pa.table({'id': [1, 2, 3]})
for namespace in [${namespaces.join(', ')}]: catalog.create_namespace_if_not_exists(namespace)
for name in [${tables.map(name).join(', ')}]: catalog.create_table(name, rows.schema).append(rows)
`
  await runToEnd(python, ['-c', code], { timeoutMs: TIMEOUT_MS, env: { LAKESHORE_TOKEN: token } })
}

/**
 * Returns the snippet that the page *Connect* of a table shows.
 *
 * @throws when the page has no such snippet
 */
export async function fetchSnippet(
  { console }: Lakeshore,
  engine: SnippetEngine,
  table: TableIdentifier,
  reach: AccessMethod,
): Promise<string> {
  const facts = await console.table(table.namespace.join('\x1F'), table.table)
  const snippet = snippetFor(engine, table, facts, reach)
  if (snippet === null) throw new Error(`There is no snippet for ${engine} through ${reach}.`)
  return snippet.text
}
