import 'server-only'
import type { Keys } from '@/server/auth/keys'
import type { Passwords } from '@/server/auth/sign-in/passwords'
import type { TokenUses } from '@/server/auth/tokens/token-uses'
import type { Catalogs } from '@/server/catalog/catalogs'
import type { MetadataFiles } from '@/server/catalog/metadata-files'
import type { Config } from '@/server/config/config'
import type { Database } from '@/server/db/database'
import type { EventStreams } from '@/server/http/event-streams'
import type { RunWatch } from '@/server/jobs/run-watch'
import type { Log } from '@/server/log'
import type { StorageSizeCache } from '@/server/metrics/storage-size-cache'
import type { Stores } from '@/server/storage/stores'
import type { ManifestCache } from '@/server/table/manifest-cache'

/**
 * What the work of a program is done with. `createServices` makes them, once for each program, and they are all the
 * state that a program has in memory. Work names what it needs: `database: Database` where that is all of it, else a
 * `Pick` of these.
 */
export type Services = {
  config: Config
  log: Log
  /** Its `nowMs` is the clock by which leases, expiries and pauses are decided. */
  database: Database
  stores: Stores
  catalogs: Catalogs
  keys: Keys
  passwords: Passwords
  tokenUses: TokenUses
  runWatch: RunWatch
  eventStreams: EventStreams
  metadataFiles: MetadataFiles
  manifestCache: ManifestCache
  storageSizes: StorageSizeCache
  /** Aborted as soon as the process was told to stop. */
  stopping: AbortSignal
}
