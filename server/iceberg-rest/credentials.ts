import 'server-only'
import { tableOf } from './request-input'
import type { RestWork } from './serve-operation'

/**
 * Credentials of a table's storage. There are none to hand out: keys stay on the server, and an engine that has none of
 * its own has each request signed (`signRequest`).
 *
 * Spec: REST `open-api`, schema `LoadCredentialsResponse`.
 */
export const loadCredentials: RestWork = async (input, { catalog, signal }) => {
  await catalog.loadTable(tableOf(input), { signal })
  return { json: { 'storage-credentials': [] } }
}
