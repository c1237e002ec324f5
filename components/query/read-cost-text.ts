import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { QueryResult } from '@/lib/query/engine'

/** How much a query has read, or would read: `read 2.00 KiB in 3 of 214 files, 2 of 9 columns`. */
export function readCostText(result: QueryResult): string {
  const { cost, columnsRead, totalColumns, cachedColumns, filteredFiles, isText } = result
  if (totalColumns === 0) return 'no tables read'
  if (result.cachedAtMs !== undefined) return 'rows of an earlier run, no files read'
  const columns = `${formatCount(columnsRead)} of ${formatQuantity(totalColumns, 'column')}`
  if (filteredFiles && isText && columnsRead === 0) {
    const { files, totalFiles } = filteredFiles
    return `would read ${formatCount(files)} of ${formatQuantity(totalFiles, 'file')}`
  }
  if (cost.filesRead > 0) {
    const files = filteredFiles
      ? `${formatCount(cost.filesRead)} of ${formatQuantity(filteredFiles.totalFiles, 'file')}`
      : formatQuantity(cost.filesRead, 'file')
    return `read ${formatBytes(cost.readBytes)} in ${files}, ${columns}`
  }
  if (columnsRead === 0) return 'metadata only, no files read'
  if (cachedColumns === columnsRead) return `${columns}, cached`
  const note = cachedColumns > 0 ? `${columns}, ${formatCount(cachedColumns)} of them cached` : columns
  if (cost.readBytes > 0) return `read ${formatBytes(cost.readBytes)} of metadata, ${note}`
  const files = filteredFiles?.totalFiles
    ? `read 0 of ${formatQuantity(filteredFiles.totalFiles, 'file')}`
    : 'no files read'
  return `${files}, ${note}`
}
