import 'server-only'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { SqlEngine } from '@/server/engines/sql-engine'
import type { StreamSlots } from '@/server/timing/stream-slots'
import type { ClientUses } from './client-uses'
import type { ManifestCache } from './manifest-cache'
import type { ReferenceCache } from './objects/file-references'
import type { StartRowThread } from './rows/start-row-thread'
import type { ScanTables } from './scan/scan-tables'

/** The services for reading and changing one table, and those below. */
export type TableServices = LakeServices & {
  clientUses: ClientUses
  manifestCache: ManifestCache
  referenceCache: ReferenceCache
  scanTables: ScanTables
  rowStreams: StreamSlots
  startRowThread: StartRowThread
  /** Null: the server runs no SQL. */
  sqlEngine: SqlEngine | null
}
