import type { DuckDBConnection } from '@duckdb/node-api'
import type { Type } from '@/lib/iceberg/schema/types'
import type { QueryEngine } from '@/lib/query/engine'
import type { RowValue } from '@/lib/scan/read/row-values'
import { valueText } from '@/lib/scan/value-text'

/** The result of a statement. Each row is JSON as DuckDB's client for Node writes it. */
export type CorpusRows = { names: readonly string[]; rows: readonly string[] }

/** Runs a statement in DuckDB itself, over views of the same names. */
export async function runNatively(native: DuckDBConnection, sql: string): Promise<CorpusRows> {
  // Here, a snapshot or a branch is a separate table, and the connection `local` is the database itself.
  const own = sql.replace(/ for version as of '?(\w+)'?/g, '_at_$1').replaceAll('local.', '')
  const reader = await native.runAndReadAll(own)
  const rows = reader.getRowsJson().map((row) => JSON.stringify(row, (_, value: unknown) => normalize(value)))
  return { names: reader.columnNames(), rows: inOrder(sql, rows) }
}

/** Runs a statement in an adapter, as a user of the connection `local`. */
export async function runInAdapter(engine: Pick<QueryEngine, 'run'>, sql: string): Promise<CorpusRows> {
  const request = {
    sql,
    cursor: 0,
    connection: 'local',
    connections: ['local', 'lab'],
    maxRows: 10_000,
  }
  const options = { signal: new AbortController().signal, onProgress: () => {}, confirm: async () => true }
  const { batches, columns } = await engine.run(request, options)
  const rows = batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_row, row) =>
      JSON.stringify(
        columns.map(({ type }, column) => toJson(type, value(row, column))),
        (_, item: unknown) => normalize(item),
      ),
    ),
  )
  return { names: columns.map(({ name }) => name), rows: inOrder(sql, rows) }
}

/** Sorted, unless the statement itself orders its rows. */
function inOrder(sql: string, rows: readonly string[]): readonly string[] {
  let outside = sql.toLowerCase()
  for (let before = ''; before !== outside; ) {
    before = outside
    outside = outside.replace(/\([^()]*\)/g, '')
  }
  return outside.includes('order by') ? rows : rows.toSorted()
}

/** A value as the JSON of DuckDB's client for Node. */
function toJson(type: Type, value: RowValue | null): unknown {
  if (value === null) return null
  if (typeof type === 'string') {
    if (typeof value === 'boolean' || typeof value === 'string') return value
    if (type === 'int' || type === 'float' || type === 'double') return value
    if (value instanceof Uint8Array) return blobText(value)
    if (typeof value === 'object') throw new Error(`a ${type} is a list`)
    return valueText(type, value, 'UTC')
  }
  const items = value as readonly (RowValue | null)[]
  switch (type.type) {
    case 'struct':
      return Object.fromEntries(type.fields.map(({ name, type: each }, i) => [name, toJson(each, items[i] ?? null)]))
    case 'list':
      return items.map((item) => toJson(type.element, item))
    case 'map':
      return items.map((entry) => {
        const [key = null, item = null] = entry as readonly (RowValue | null)[]
        return { key: toJson(type.key, key), value: toJson(type.value, item) }
      })
  }
}

function blobText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}

/** Fractions of seconds without zeros at their end, and offsets in hours; special numbers as text. */
function normalize(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'string' || !/\d\d:\d\d:\d\d/.test(value)) return value
  return value
    .replace(/(:\d\d)\.(\d*?)0+(?=\D|$)/, (_, seconds: string, digits: string) =>
      digits === '' ? seconds : `${seconds}.${digits}`,
    )
    .replace(/([+-]\d\d):00$/, '$1')
}
