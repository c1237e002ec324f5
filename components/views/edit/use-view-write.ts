'use client'
import { useKeyedWrite } from '@/components/changes/commit/use-keyed-write'
import { useFindViewWrite, useWriteView, type ViewWrite } from '@/lib/client/lifecycle/views'
import type { ViewIdentifier } from '@/lib/names/identifiers'

/**
 * Creates or changes a view under one key.
 *
 * @param content of the request: another one has another key
 */
export function useViewWrite(content: string, onMade: (view: ViewIdentifier) => void) {
  const lookup = useFindViewWrite()
  const write = useWriteView(onMade)
  return useKeyedWrite<ViewWrite>(content, { write, lookup, onMade })
}
