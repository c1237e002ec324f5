import 'server-only'
import type { Config } from '@/server/config/config'
import type { Database } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { MemoryPool } from '@/server/http-out/memory-pool'
import type { Stores } from '@/server/storage/stores'
import type { MetadataFiles } from './metadata-files'

/** The services for opening a catalog. */
export type CatalogServices = {
  config: Config
  log: Log
  database: Database
  stores: Stores
  metadataFiles: MetadataFiles
  /** Limits the memory for responses of other catalogs. */
  responsePool: MemoryPool
}
