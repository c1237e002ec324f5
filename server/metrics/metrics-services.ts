import 'server-only'
import type { TableServices } from '@/server/table/table-services'
import type { FileColumnsCache } from './columns/file-columns-cache'
import type { StorageSizeCache } from './dashboards/storage-size-cache'

/** The services for measuring tables, and those below. */
export type MetricsServices = TableServices & {
  storageSizes: StorageSizeCache
  fileColumns: FileColumnsCache
}
