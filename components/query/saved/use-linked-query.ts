import { useDeferredValue, useEffect, useEffectEvent, useState } from 'react'
import { useReadQuery } from '@/lib/client/queries'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import type { LinkedValues } from '@/lib/client/query/query-tabs'
import type { QueryLink } from './use-query-link'

/**
 * Opens the saved query that the address names. The tabs then keep it there while they show it unchanged.
 *
 * @param userId null while the user is unknown: the user's stored tabs then replace the page's
 * @param tabs.openBlank shows an empty tab and returns its id: the text of another would look like the query that
 * cannot be read
 * @returns why the saved query could not be read, while its empty tab is shown, and a retry
 */
export function useLinkedQuery(
  userId: string | null,
  { saved: addressed, isSavedShown, values, take }: QueryLink,
  tabs: { activeId: string; openBlank: () => string },
  onSaved: (query: OpenedQuery, values: LinkedValues) => void,
) {
  // A render after the user is known, when the stored tabs are back.
  const isRestored = useDeferredValue(userId, null) !== null
  const { error, mutate } = useReadQuery()
  const [tabId, setTabId] = useState('')
  const saved = isSavedShown ? null : addressed
  const open = (queryId: string) =>
    mutate(queryId, {
      onSuccess: (query) => {
        onSaved(query, values ?? {})
        take()
      },
      onError: () => setTabId(tabs.openBlank()),
    })
  const openLinked = useEffectEvent(open)
  useEffect(() => {
    if (isRestored && saved !== null) openLinked(saved)
  }, [isRestored, saved])
  return {
    error: saved === null || tabId !== tabs.activeId ? null : error,
    retry: () => saved !== null && open(saved),
  }
}
