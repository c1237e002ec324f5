import 'server-only'
import type { TableServices } from '@/server/table/table-services'
import type { FileColumnsCache } from './columns/file-columns-cache'
import type { StorageSizeCache } from './dashboards/storage-size-cache'

/** What measuring tables needs, and what is below that. */
export type MetricsServices = TableServices & {
  storageSizes: StorageSizeCache
  fileColumns: FileColumnsCache
}
