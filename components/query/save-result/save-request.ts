import type { SavedResult } from '@/lib/client/jobs/saved-results'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { QueryRequest, ResultColumn } from '@/lib/query/engine'
import { savedFields, savedFormatVersion } from '@/lib/query/saved-columns'

/** A table to save into, or one to create. */
export type SaveTarget =
  /** How many rows may be rejected; null: none. */
  { kind: 'existing'; landing: LoadLanding; maxRejectedRows: number | null } | { kind: 'new'; partitionBy: string }

/** The body of the request, of the statement as it was run. */
export function toSavedResult(
  { sql, cursor, connection, asOf, parameters }: QueryRequest,
  columns: readonly ResultColumn[],
  target: SaveTarget,
): SavedResult {
  const query = {
    sql,
    cursor,
    connection,
    ...(asOf !== undefined && Object.keys(asOf).length > 0 && { asOf }),
    ...(parameters !== undefined && parameters.length > 0 && { parameters }),
  }
  if (target.kind === 'existing') {
    const { landing, maxRejectedRows } = target
    return { query, landing, ...(maxRejectedRows !== null && { maxRejectedRows }) }
  }
  const fields = savedFields(columns)
  return {
    query,
    create: {
      schema: JSON.stringify(schemaToJson({ schemaId: 0, identifierFieldIds: [], fields })),
      partitionBy: target.partitionBy.trim() || null,
      formatVersion: savedFormatVersion(fields),
    },
  }
}

/** The address that the request is sent to. */
export function saveResultPath({ catalog, namespace, table }: TableIdentifier, isRepeated: boolean): string {
  const [inCatalog, inNamespace, ofTable] = [catalog, joinNamespace(namespace), table].map(encodeURIComponent)
  const path = `/api/v1/catalogs/${inCatalog}/namespaces/${inNamespace}/tables/${ofTable}/saved-results`
  return isRepeated ? `${path}/schedules` : path
}
