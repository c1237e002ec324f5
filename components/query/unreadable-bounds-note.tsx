import { FileWarning } from '@/components/table/rows/file-warning'
import { formatQuantity } from '@/lib/format/count'
import type { UnreadableBounds } from '@/lib/iceberg/metadata/unreadable-bounds'

/** How many bounds in the rows of metadata tables are null because they cannot be shown; the title names the first. */
export function UnreadableBoundsNote({ bounds: { count, named } }: { bounds: UnreadableBounds }) {
  return (
    <FileWarning lines={named.map(({ column, file }) => `${column} in ${file}`)}>
      {formatQuantity(count, 'bound')} cannot be shown and {count === 1 ? 'is' : 'are'} null
    </FileWarning>
  )
}
