import { WarningNote } from '@/components/ui/warning-note'
import { counted } from '@/lib/format/count'

/** That a list lacks namespaces whose names nobody can ask for. Nothing where it lacks none. */
export function LeftOutNote({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <WarningNote>
      {counted(count, 'namespace')} {count === 1 ? 'has a name' : 'have names'} that Lakeshore cannot show.
    </WarningNote>
  )
}
