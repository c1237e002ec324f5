import 'server-only'
import type { Refusals } from '@/server/auth/refusals'
import type { Keys } from '@/server/auth/keys'
import type { IdentityProvider } from '@/server/auth/oidc/identity-provider'
import type { Passwords } from '@/server/auth/sign-in/passwords'
import type { TokenUses } from '@/server/auth/tokens/token-uses'
import type { Catalogs } from '@/server/catalog/catalogs'
import type { MetadataFiles } from '@/server/catalog/metadata-files'
import type { Config } from '@/server/config/config'
import type { Database } from '@/server/db/database'
import type { StreamSlots } from '@/server/timing/stream-slots'
import type { RunWatch } from '@/server/jobs/run-watch'
import type { Log } from '@/server/log'
import type { FileColumnsCache } from '@/server/metrics/columns/file-columns-cache'
import type { StorageSizeCache } from '@/server/metrics/dashboards/storage-size-cache'
import type { StartQueryProcess } from '@/server/query/start-query-process'
import type { Stores } from '@/server/storage/stores'
import type { ReferenceCache } from '@/server/table/objects/file-references'
import type { ManifestCache } from '@/server/table/manifest-cache'
import type { StartRowThread } from '@/server/table/rows/start-row-thread'
import type { ScanTables } from '@/server/table/scan/scan-tables'

/**
 * The services that a program works with. `createServices` creates them once per program, and they are all the state
 * that a program has in memory. Functions take only what they need: `database: Database` when that is all, otherwise a
 * `Pick` of these.
 */
export type Services = {
  config: Config
  log: Log
  /** Its `nowMs` is the clock for leases, expiries and pauses. */
  database: Database
  stores: Stores
  catalogs: Catalogs
  keys: Keys
  passwords: Passwords
  tokenUses: TokenUses
  /** Null when the settings name none. */
  identityProvider: IdentityProvider | null
  refusals: Refusals
  runWatch: RunWatch
  eventStreams: StreamSlots
  rowStreams: StreamSlots
  startRowThread: StartRowThread
  queryRuns: StreamSlots
  startQueryProcess: StartQueryProcess
  metadataFiles: MetadataFiles
  manifestCache: ManifestCache
  referenceCache: ReferenceCache
  scanTables: ScanTables
  storageSizes: StorageSizeCache
  fileColumns: FileColumnsCache
  /** Aborted when the process receives a signal to stop. */
  stopping: AbortSignal
}
