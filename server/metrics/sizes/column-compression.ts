import 'server-only'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import type { ColumnCompression } from '@/lib/contract/dashboards'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { codecLabel } from './codec-bytes'
import type { MeasuredFile } from './table-sizes'

/**
 * The size of each column of a table, from the manifests' column sizes and value counts. Plain bytes are exact when
 * every value has the same width; lengths of strings and binaries are stored per file, not per column.
 */
export function toColumnCompression(
  { identifier, metadata }: LoadedTable,
  files: readonly MeasuredFile[],
): ColumnCompression[] {
  return [...indexFields(currentSchema(metadata)).values()].flatMap(({ field, path }) => {
    if (typeof field.type !== 'string') return []
    const column = path.join('.')
    const sum = { storedBytes: 0, valueCount: 0, isCounted: true, codecs: new Set<string>() }
    for (const { file, sizes } of files) {
      const { columnSizesBytes, valueCounts, nullValueCounts } = file.dataFile.metrics
      sum.storedBytes += columnSizesBytes.get(field.id) ?? 0
      const valueCount = valueCounts.get(field.id)
      sum.valueCount += (valueCount ?? 0) - (nullValueCounts.get(field.id) ?? 0)
      // A file without the column has no sizes for it either. A file with sizes but without counts makes the sum
      // unknown.
      if (valueCount === undefined && columnSizesBytes.has(field.id)) sum.isCounted = false
      const codec = sizes.codecs[column]
      if (codec !== undefined) sum.codecs.add(codecLabel(codec))
    }
    const width = fixedWidthBytes(field.type)
    return {
      table: identifier,
      column,
      type: field.type,
      codec: sum.codecs.size === 0 ? null : [...sum.codecs].sort().join(', '),
      storedBytes: sum.storedBytes,
      plainBytes: width === null || !sum.isCounted ? null : sum.valueCount * width,
    }
  })
}
