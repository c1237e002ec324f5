'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { z } from 'zod'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { responseError } from '@/lib/api/response-error'
import { MAX_VISITS, RECORD_VISIT_PATH } from '@/lib/contract/shapes/plain-values'
import type { recordVisit, Shortcuts, VisitedEntry } from '@/lib/contract/shortcuts'
import { joinNamespace } from '@/lib/names/identifiers'
import { favouriteKey, shortcutsQuery } from '../shortcuts'

/**
 * Records that the page of a table or a view is visited, once while it is open. Nothing waits for it, and a failure
 * only leaves the visit out of the list.
 */
export function useVisit({ kind, catalog, namespace, name }: VisitedEntry, uuid: string): void {
  const queryClient = useQueryClient()
  const { mutate } = useMutation({
    mutationFn: sendVisit,
    onSuccess: (_, visited) =>
      queryClient.setQueryData(shortcutsQuery().queryKey, (known) => known && withVisit(known, visited)),
  })
  // As text, because each render has another list of levels.
  const visited = JSON.stringify({ kind, catalog, namespace, name, uuid })
  useEffect(() => mutate(JSON.parse(visited) as VisitedEntry & { uuid: string }), [visited, mutate])
}

/** Without the contract and zod: every page of a table sends it, and many nothing else. */
async function sendVisit({ namespace, ...visited }: VisitedEntry & { uuid: string }): Promise<void> {
  const input: z.input<typeof recordVisit.input> = { ...visited, namespace: joinNamespace(namespace) }
  const response = await fetchOrThrow(RECORD_VISIT_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  // Read in any case: the browser keeps a request open whose body is not read.
  const body: unknown = await response.json()
  if (!response.ok) throw responseError(response, body)
}

/** As the server lists it from then on. */
function withVisit({ favourites, visits }: Shortcuts, { kind, catalog, namespace, name }: VisitedEntry): Shortcuts {
  const visited = { kind, catalog, namespace, name }
  const others = visits.filter((one) => favouriteKey(one) !== favouriteKey(visited))
  return { favourites, visits: [visited, ...others].slice(0, MAX_VISITS) }
}
