import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useSettled } from '@/components/ui/use-settled'
import { keys } from '@/lib/client/keys'
import { loadQuerySession } from '@/lib/client/query/query-run'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { findComparedColumns, toParameterType } from '@/lib/query/parameter-columns'
import type { ParameterType } from '@/lib/query/parameter-types'
import { readableStatements } from '@/lib/query/statement/statements'
import { resolveTableName } from '@/lib/query/tables/table-name'
import { findTableReferences, type TableReference } from '@/lib/query/tables/table-references'

/** A half-written name is not looked up. */
const DEBOUNCE_MS = 600

export type ParameterScope = { connections: readonly string[]; connection: string; asOf: AsOf }

/** A table of a text, and the name of its columns' qualifier. */
type NamedTable = { identifier: TableIdentifier; asOf: AsOf; name: string }

/** The types of the columns that parameters of a text are compared with, by the parameter's name in lower case. */
export function useParameterTypes(sql: string, scope: ParameterScope): ReadonlyMap<string, ParameterType> {
  const settledSql = useSettled(sql, DEBOUNCE_MS)
  const { connections, connection, asOf } = scope
  const { columns, tables } = useMemo(
    () => readText(settledSql, { connections, connection, asOf }),
    [settledSql, connections, connection, asOf],
  )
  // A statement may name a table twice.
  const versions = [...new Map(tables.map((table) => [versionKey(table), table])).values()]
  const results = useQueries({
    queries: versions.map(({ identifier, asOf: tableAsOf }) => ({
      queryKey: [...keys.table(identifier), 'query-fields', tableAsOf],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await loadQuerySession()).readFields(identifier, tableAsOf, signal),
      retry: false,
    })),
  })
  const fieldsOf = new Map(versions.map((table, i) => [versionKey(table), results[i]?.data]))
  const types = new Map<string, ParameterType>()
  for (const [parameter, parts] of columns) {
    const column = parts.at(-1)?.toLowerCase()
    const qualifier = parts.at(-2)?.toLowerCase()
    for (const table of tables) {
      if (qualifier !== undefined && qualifier !== table.name) continue
      const field = fieldsOf.get(versionKey(table))?.find(({ name }) => name.toLowerCase() === column)
      if (field && !types.has(parameter)) types.set(parameter, toParameterType(field.type))
    }
  }
  return types
}

function versionKey({ identifier, asOf }: NamedTable): string {
  return JSON.stringify([identifier, asOf])
}

/** The compared columns of a text and the tables that may have them; none while it cannot be read. */
function readText(sql: string, scope: ParameterScope) {
  const columns = new Map<string, readonly string[]>()
  const tables: NamedTable[] = []
  // The connections have not arrived.
  if (scope.connection === '') return { columns, tables }
  for (const { tokens } of readableStatements(sql) ?? []) {
    const compared = findComparedColumns(tokens)
    if (compared.size === 0) continue
    for (const [parameter, parts] of compared) if (!columns.has(parameter)) columns.set(parameter, parts)
    try {
      const references = findTableReferences(tokens, { nowMs: Date.now() })
      tables.push(...references.flatMap((reference) => toNamedTable(reference, scope)))
    } catch (error) {
      // An incomplete statement is not reported as an error until it is run.
      if (!(error instanceof AppError)) throw error
    }
  }
  return { columns, tables }
}

function toNamedTable({ parts, nameRange, asOf, alias, file }: TableReference, scope: ParameterScope): NamedTable[] {
  if (file !== undefined || parts.length < 2) return []
  return [
    {
      identifier: resolveTableName(parts, nameRange, scope),
      asOf: Object.keys(asOf).length > 0 ? asOf : scope.asOf,
      name: (alias ?? parts.at(-1) ?? '').toLowerCase(),
    },
  ]
}
