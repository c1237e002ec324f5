import { useQuery } from '@tanstack/react-query'
import { useNow } from '@/components/ui/values/use-now'
import { tableClientsQuery } from '@/lib/client/table/clients'
import { usesQuery } from '@/lib/client/table/uses'
import { asTableIdentifier, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { isKnownToBeUsed } from '@/lib/uses/known-use'

/**
 * Whether anything is known to use a table or view, so that a new name needs the typed one; undefined until it is known.
 * True also if the uses cannot be read: the server then asks for the name, too.
 */
export function useIsInUse(entry: TableIdentifier | ViewIdentifier, { enabled }: { enabled: boolean }) {
  const isView = 'view' in entry
  const nowMs = useNow()
  const uses = useQuery({ ...usesQuery(entry), enabled })
  const clients = useQuery({
    ...tableClientsQuery(isView ? asTableIdentifier(entry) : entry),
    enabled: enabled && !isView,
  })
  if (uses.error || clients.error) return true
  if (uses.data === undefined || (!isView && clients.data === undefined)) return undefined
  return isKnownToBeUsed(uses.data, clients.data ?? null, nowMs)
}
