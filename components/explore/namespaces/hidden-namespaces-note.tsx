import { WarningNote } from '@/components/ui/notes/warning-note'
import { formatQuantity } from '@/lib/format/count'

/** Counts the namespaces that are missing from a list because their names cannot be requested. */
export function HiddenNamespacesNote({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <WarningNote>
      {formatQuantity(count, 'namespace')} {count === 1 ? 'has a name' : 'have names'} that Lakeshore cannot show.
    </WarningNote>
  )
}
