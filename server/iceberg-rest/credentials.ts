import 'server-only'
import { tableInPath } from './request-input'
import type { OperationHandler } from './serve-operation'

/**
 * Credentials of a table's storage. Lakeshore vends none: keys stay on the server, and an engine without storage keys
 * gets each request signed (`signRequest`).
 *
 * Spec: REST `open-api`, schema `LoadCredentialsResponse`.
 */
export const loadCredentials: OperationHandler = async (input, { catalog, signal }) => {
  await catalog.loadTable(tableInPath(input), { signal })
  return { json: { 'storage-credentials': [] } }
}
