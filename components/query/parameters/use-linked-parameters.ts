import { useQueryState } from 'nuqs'
import { useEffect, useEffectEvent } from 'react'
import { parseLinkedParameters } from '@/lib/client/query/query-parameters'
import type { QueryParameter } from '@/lib/query/parameter-types'

/** Takes the values of parameters from a link that has them, and removes them from the address. */
export function useLinkedParameters(isReady: boolean, onLinked: (values: readonly QueryParameter[]) => void): void {
  const [linked, setLinked] = useQueryState('parameters', { history: 'replace' })
  const take = useEffectEvent((text: string) => {
    const values = parseLinkedParameters(text)
    if (values !== null) onLinked(values)
    void setLinked(null)
  })
  useEffect(() => {
    if (isReady && linked !== null) take(linked)
  }, [isReady, linked])
}
