import 'server-only'
import type { AuthServices } from '@/server/auth/auth-services'
import type { MemoryPool } from '@/server/http-out/memory-pool'
import type { Stores } from '@/server/storage/stores'
import type { Catalogs } from './catalogs'
import type { MetadataFiles } from './metadata-files'

/** The ports to catalogs and stores, and the services below them. */
export type LakeServices = AuthServices & {
  stores: Stores
  catalogs: Catalogs
  metadataFiles: MetadataFiles
  responsePool: MemoryPool
}
