import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { isWithinKey, keys } from '../keys'

/**
 * Reads a catalog again after a table or namespace was removed, except the removed one: its page is still shown until
 * the user is led away.
 *
 * @param removedKey the key of the table or namespace
 */
export function refreshWithout(queryClient: QueryClient, catalog: string, removedKey: QueryKey): Promise<void> {
  queryClient.removeQueries({ queryKey: removedKey, type: 'inactive' })
  return queryClient.invalidateQueries({
    queryKey: keys.catalog(catalog),
    predicate: ({ queryKey }) => !isWithinKey(queryKey, removedKey),
  })
}
