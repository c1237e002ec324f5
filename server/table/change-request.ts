import 'server-only'
import { stringifyExactJson } from '@/lib/iceberg/exact-json'
import { joinNamespace } from '@/lib/iceberg/identifiers'
import type { Intent } from '@/lib/iceberg/intent'
import { changeForIntents } from '@/lib/iceberg/intent-commit'
import { tableChangeToJson } from '@/lib/iceberg/table-change-json'
import type { LoadedTable } from '@/server/catalog/catalog-client'

/**
 * Intents as the Iceberg REST request they stand for, to be read before it is sent.
 *
 * @throws {AppError} commit-conflict, invalid-request as `changeForIntents` does
 */
export function changeRequest({ ref, metadata }: LoadedTable, intents: readonly Intent[]) {
  const path = [ref.catalog, 'namespaces', joinNamespace(ref.namespace), 'tables', ref.table].map(encodeURIComponent)
  return {
    requestPath: `/v1/${path.join('/')}`,
    requestBody: stringifyExactJson(tableChangeToJson(changeForIntents(metadata, intents)), { indent: 2 }),
  }
}
