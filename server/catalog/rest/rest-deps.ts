import 'server-only'
import type { ClientMetadataCache } from './loaded-metadata-cache'
import type { ReadGates } from './read-gates'
import type { RestSession } from './http/session'
import type { TableStores } from './vended/table-stores'

/** The dependencies of operations on a connection. */
export type RestDeps = {
  session: RestSession
  stores: TableStores
  metadataCache: ClientMetadataCache
  gates: ReadGates
}
