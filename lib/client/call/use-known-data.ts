import { notifyManager, type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'

/**
 * Data that other parts of the page have read under a key; undefined until then. It never reads by itself, and is not an observer
 * of the query: an observer without a function to read with may be the one that a refetch of all takes it from.
 */
export function useKnownData(queryKey: QueryKey): unknown {
  const client = useQueryClient()
  const subscribe = useCallback(
    (onChange: () => void) => client.getQueryCache().subscribe(notifyManager.batchCalls(onChange)),
    [client],
  )
  const read = () => client.getQueryData(queryKey)
  return useSyncExternalStore(subscribe, read, read)
}
