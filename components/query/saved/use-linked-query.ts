import { parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { useDeferredValue, useEffect, useEffectEvent, useRef } from 'react'
import { useReadQuery } from '@/lib/client/queries'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import { parseLinkedDisplay } from '@/lib/client/query/query-display'
import { parseLinkedParameters } from '@/lib/client/query/query-parameters'
import type { QueryTab } from '@/lib/client/query/query-tabs'

/** A link may bring these with its text. */
type LinkedValues = Partial<Pick<QueryTab, 'parameters' | 'display'>>

const LINK = { saved: parseAsString, parameters: parseAsString, display: parseAsString }
const NO_LINK = { saved: null, parameters: null, display: null }

/**
 * Opens the saved query that the address names, or takes the values that a link brings once its text is in the active
 * tab, and removes both from the address.
 *
 * @param userId null while the user is unknown: the user's stored tabs then replace the page's
 * @param sql the text of the active tab
 * @returns why the saved query could not be read, and a retry
 */
export function useLinkedQuery(
  userId: string | null,
  sql: string,
  {
    onValues,
    onSaved,
  }: {
    onValues: (values: LinkedValues) => void
    onSaved: (query: OpenedQuery, values: LinkedValues) => void
  },
) {
  // A render after the user is known, when the stored tabs are back.
  const isRestored = useDeferredValue(userId, null) !== null
  const [link, setLink] = useQueryStates(LINK, { history: 'replace' })
  const [addressSql] = useQueryState('sql', { defaultValue: '' })
  const linkedSql = useRef<string | null>(null)
  const { error, mutate } = useReadQuery()
  const { saved } = link
  const hasValues = link.parameters !== null || link.display !== null

  const readValues = (): LinkedValues => {
    const parameters = link.parameters === null ? null : parseLinkedParameters(link.parameters)
    const display = link.display === null ? null : parseLinkedDisplay(link.display)
    return { ...(parameters !== null && { parameters }), ...(display !== null && { display }) }
  }
  const open = (queryId: string) =>
    mutate(queryId, {
      onSuccess: (query) => {
        onSaved(query, readValues())
        void setLink(NO_LINK)
      },
    })
  const openLinked = useEffectEvent(open)
  const takeValues = useEffectEvent(() => {
    onValues(readValues())
    void setLink(NO_LINK)
  })
  useEffect(() => {
    if (isRestored && saved !== null) openLinked(saved)
  }, [isRestored, saved])
  useEffect(() => {
    if (!hasValues) linkedSql.current = null
    // The address follows the active tab, which may be another one until the text of the link is shown.
    else linkedSql.current ??= addressSql
    if (isRestored && saved === null && hasValues && linkedSql.current === sql) takeValues()
  }, [isRestored, saved, hasValues, addressSql, sql])

  return { error: saved === null ? null : error, retry: () => saved !== null && open(saved) }
}
