import { WarningNote } from '@/components/ui/notes/warning-note'
import { formatQuantity } from '@/lib/format/count'

/** That a list lacks namespaces whose names nobody can ask for. Nothing where it lacks none. */
export function HiddenNamespacesNote({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <WarningNote>
      {formatQuantity(count, 'namespace')} {count === 1 ? 'has a name' : 'have names'} that Lakeshore cannot show.
    </WarningNote>
  )
}
