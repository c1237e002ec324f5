import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type StoredUpload, uploadsQuery } from './list-uploads'

/** How often the list is read again while a load has some of the uploads: its end changes the list. */
const LOADING_INTERVAL_MS = 5_000

/**
 * The uploads of the user for a table. A list of an earlier visit is not used, because a load that has ended since may
 * have removed some of them.
 */
export function useListedUploads(table: TableIdentifier) {
  const client = useQueryClient()
  const { data, isFetchedAfterMount, isStale, refetch } = useQuery({
    ...uploadsQuery(table),
    refetchOnMount: 'always',
    refetchInterval: ({ state }) => (state.data?.some(({ runId }) => runId !== null) ? LOADING_INTERVAL_MS : false),
  })
  const { queryKey } = uploadsQuery(table)
  const key = JSON.stringify(queryKey)
  useEffect(
    () => () => void client.invalidateQueries({ queryKey: JSON.parse(key) as typeof queryKey, refetchType: 'none' }),
    [client, key],
  )
  return {
    /** Undefined before it is known. */
    listed: isFetchedAfterMount || !isStale ? data : undefined,
    /** As the server has them since the form was opened; undefined before. */
    current: isFetchedAfterMount ? data : undefined,
    refetch,
  }
}

/** Whether all bytes of the upload are on the server. */
export function isComplete({ sizeBytes, receivedBytes }: Pick<StoredUpload, 'sizeBytes' | 'receivedBytes'>): boolean {
  return receivedBytes === sizeBytes
}
