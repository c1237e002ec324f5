import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { loadCode } from '@/lib/load-code'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryRequest } from '@/lib/query/engine'
import { explainMissingColumn, type MissingColumn } from '@/lib/query/missing-column'
import { tableSchemasQuery } from '../table/table-schemas'

/**
 * Explains a column that a failed statement names and its tables do not have, by the schemas of these tables; null if
 * they do not explain it.
 */
export function missingColumnQuery(
  { sql, cursor, connection, connections, asOf = {} }: QueryRequest,
  missing: MissingColumn,
) {
  const text = { sql, cursor, connection, connections, asOf }
  return queryOptions({
    queryKey: ['missing-column', text, missing],
    // It only adds to a failure that is shown anyway.
    retry: false,
    queryFn: async ({ client, signal }): Promise<string | null> => {
      const { findNamedTables } = await loadCode(() => import('@/lib/query/tables/statement-tables'))
      for (const { identifier, asOf, name } of findNamedTables(text)) {
        if (missing.table !== null && missing.table.toLowerCase() !== name.toLowerCase()) continue
        const explanation = await explainIn({ identifier, asOf }, missing.name, { client, signal })
        if (explanation !== null) return explanation
      }
      return null
    },
  })
}

async function explainIn(
  { identifier, asOf }: { identifier: TableIdentifier; asOf: AsOf },
  name: string,
  { client, signal }: { client: QueryClient; signal: AbortSignal },
): Promise<string | null> {
  try {
    // The statement read the newest state, and a page may show an older one.
    const detail = await callEndpoint('getTable', { ...identifier, ...asOfToInput(asOf) }, { signal })
    const schemas = await client.fetchQuery(tableSchemasQuery(identifier, detail.metadataLocation))
    return explainMissingColumn(name, detail.schema.fields, schemas)?.sentence ?? null
  } catch (error) {
    // A view has no schemas, and another table of the statement may have the column.
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}
