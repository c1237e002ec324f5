import 'server-only'
import { tableInPath } from './request-input'
import type { OperationHandler } from './serve-operation'

/**
 * Credentials of a table's storage. There are none to hand out: keys stay on the server, and an engine that has none of
 * its own has each request signed (`signRequest`).
 *
 * Spec: REST `open-api`, schema `LoadCredentialsResponse`.
 */
export const loadCredentials: OperationHandler = async (input, { catalog, signal }) => {
  await catalog.loadTable(tableInPath(input), { signal })
  return { json: { 'storage-credentials': [] } }
}
