import 'server-only'
import type { ClientMetadataCache } from './loaded-metadata-cache'
import type { RestSession } from './http/session'
import type { TableStores } from './vended/table-stores'

/** What the operations of a connection need. */
export type RestDeps = { session: RestSession; stores: TableStores; metadataCache: ClientMetadataCache }
