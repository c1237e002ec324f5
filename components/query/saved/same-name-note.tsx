import { useQuery } from '@tanstack/react-query'
import { useSettled } from '@/components/ui/use-settled'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { queriesNamedQuery } from '@/lib/client/queries'

/** Warns that the user has another query of this name in this folder: the list would show both alike. */
export function SameNameNote({
  name,
  folder,
  savedId,
}: {
  name: string
  /** Null for none. */
  folder: string | null
  /** The query that is saved under the name; null for a new one. */
  savedId: string | null
}) {
  const settledName = useSettled(name)
  const { data } = useQuery({ ...queriesNamedQuery(settledName), enabled: settledName !== '' })
  const hasSame = data?.queries.some(
    (query) => query.isOwn && query.name === name && query.folder === folder && query.queryId !== savedId,
  )
  if (hasSame !== true) return null
  return (
    <WarningNote isLive>
      You have another query of this name {folder === null ? 'without a folder' : 'in this folder'}. Saving keeps both.
    </WarningNote>
  )
}
