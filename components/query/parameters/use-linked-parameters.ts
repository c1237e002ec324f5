import { useQueryState } from 'nuqs'
import { useDeferredValue, useEffect, useEffectEvent, useRef } from 'react'
import { parseLinkedParameters } from '@/lib/client/query/query-parameters'
import type { QueryParameter } from '@/lib/query/parameter-types'

/**
 * Takes the values of parameters from a link, once its text is in the active tab, and removes them from the address.
 *
 * @param userId null while the user is unknown: the user's stored tabs then replace the page's
 * @param sql the text of the active tab
 */
export function useLinkedParameters(
  userId: string | null,
  sql: string,
  onLinked: (values: QueryParameter[]) => void,
): void {
  // A render after the user is known, when the stored tabs are back.
  const isRestored = useDeferredValue(userId, null) !== null
  const [linked, setLinked] = useQueryState('parameters', { history: 'replace' })
  const [addressSql] = useQueryState('sql', { defaultValue: '' })
  const linkedSql = useRef<string | null>(null)
  const take = useEffectEvent((text: string) => {
    const values = parseLinkedParameters(text)
    if (values !== null) onLinked(values)
    void setLinked(null)
  })
  useEffect(() => {
    if (linked === null) linkedSql.current = null
    // The address follows the active tab, which may be another one until the text of the link is shown.
    else linkedSql.current ??= addressSql
    if (isRestored && linked !== null && linkedSql.current === sql) take(linked)
  }, [isRestored, linked, addressSql, sql])
}
