import { useDeferredValue, useEffect, useEffectEvent } from 'react'
import { useReadQuery } from '@/lib/client/queries'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import type { LinkedValues } from '@/lib/client/query/query-tabs'
import type { QueryLink } from './use-query-link'

/**
 * Opens the saved query that the address names. The tabs then keep it there while they show it unchanged.
 *
 * @param userId null while the user is unknown: the user's stored tabs then replace the page's
 * @returns why the saved query could not be read, and a retry
 */
export function useLinkedQuery(
  userId: string | null,
  { saved: addressed, isSavedShown, values, take }: QueryLink,
  onSaved: (query: OpenedQuery, values: LinkedValues) => void,
) {
  // A render after the user is known, when the stored tabs are back.
  const isRestored = useDeferredValue(userId, null) !== null
  const { error, mutate } = useReadQuery()
  const saved = isSavedShown ? null : addressed
  const open = (queryId: string) =>
    mutate(queryId, {
      onSuccess: (query) => {
        onSaved(query, values ?? {})
        take()
      },
    })
  const openLinked = useEffectEvent(open)
  useEffect(() => {
    if (isRestored && saved !== null) openLinked(saved)
  }, [isRestored, saved])
  return {
    error: saved === null ? null : error,
    retry: () => saved !== null && open(saved),
  }
}
