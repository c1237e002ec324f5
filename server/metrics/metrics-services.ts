import 'server-only'
import type { TableServices } from '@/server/table/table-services'
import type { FileColumnsCache } from './columns/file-columns-cache'

/** The services for measuring tables, and those below. */
export type MetricsServices = TableServices & {
  fileColumns: FileColumnsCache
}
