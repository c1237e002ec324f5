'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { VisitedEntry } from '@/lib/contract/shortcuts'
import { keys } from '../keys'

/**
 * Records that the page of a table or a view is visited, once while it is open. Nothing waits for it, and a failure
 * only leaves the visit out of the list.
 */
export function useVisit({ kind, catalog, namespace, name }: VisitedEntry, uuid: string): void {
  const queryClient = useQueryClient()
  const { mutate } = useMutation({
    mutationFn: (visited: VisitedEntry & { uuid: string }) => callEndpoint('recordVisit', visited),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.shortcuts() }),
  })
  // As text, because each render has another list of levels.
  const visited = JSON.stringify({ kind, catalog, namespace, name, uuid })
  useEffect(() => mutate(JSON.parse(visited) as VisitedEntry & { uuid: string }), [visited, mutate])
}
