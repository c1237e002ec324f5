import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { responseError } from '@/lib/api/response-error'
import { MAX_VISITS, RECORD_VISIT_PATH } from '@/lib/contract/shapes/plain-values'
import type { Favourite, FavouriteTarget, recordVisit, Shortcuts, VisitedEntry } from '@/lib/contract/shortcuts'
import { joinNamespace } from '@/lib/names/identifiers'
import { toCallOptions } from './call/retry'
import { useSingleMutation } from './call/use-single-mutation'
import { keys } from './keys'

/** The favourites of the signed-in user, and what they visited last. */
export function shortcutsQuery() {
  return queryOptions({
    queryKey: keys.shortcuts(),
    queryFn: (context) => callEndpoint('listShortcuts', {}, toCallOptions(context)),
  })
}

export function useSetFavourite() {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (change: { target: FavouriteTarget; isFavourite: boolean }) => callEndpoint('setFavourite', change),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.shortcuts() }),
  })
}

/**
 * Records that the page of a table or a view is visited, once while it is open. Nothing waits for it, and a failure
 * only leaves the visit out of the list.
 */
export function useVisit({ kind, catalog, namespace, name }: VisitedEntry, uuid: string): void {
  const queryClient = useQueryClient()
  const { mutate } = useMutation({
    mutationFn: sendVisit,
    onSuccess: (_, { kind, catalog, namespace, name }) =>
      queryClient.setQueryData(
        shortcutsQuery().queryKey,
        (known) => known && withVisit(known, { kind, catalog, namespace, name }),
      ),
  })
  // As text, because each render has another list of levels.
  const visited = JSON.stringify({ kind, catalog, namespace, name, uuid })
  useEffect(() => mutate(JSON.parse(visited) as VisitedEntry & { uuid: string }), [visited, mutate])
}

/** Without the contract and zod: every page of a table sends it, and many nothing else. */
async function sendVisit({ namespace, ...visited }: VisitedEntry & { uuid: string }): Promise<void> {
  const body: z.input<typeof recordVisit.input> = { ...visited, namespace: joinNamespace(namespace) }
  const response = await fetchOrThrow(RECORD_VISIT_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw responseError(response, await response.json().catch(() => undefined))
}

/** As the server lists it from then on. */
function withVisit({ favourites, visits }: Shortcuts, visited: VisitedEntry): Shortcuts {
  const others = visits.filter((one) => favouriteKey(one) !== favouriteKey(visited))
  return { favourites, visits: [visited, ...others].slice(0, MAX_VISITS) }
}

/** Identifies a favourite among the others. */
export function favouriteKey(target: FavouriteTarget | Favourite | VisitedEntry): string {
  if (target.kind === 'query') return JSON.stringify([target.kind, target.queryId])
  const { kind, catalog, namespace } = target
  return JSON.stringify([kind, catalog, namespace, target.kind === 'namespace' ? '' : target.name])
}

/** Whether something is among the favourites. A table that was dropped is not the one that has its name now. */
export function isFavouriteIn(
  shortcuts: { favourites: readonly Favourite[] } | undefined,
  target: FavouriteTarget,
): boolean {
  const key = favouriteKey(target)
  return shortcuts?.favourites.some((one) => !isDropped(one) && favouriteKey(one) === key) ?? false
}

export function isDropped(one: Favourite | VisitedEntry): boolean {
  return 'isDropped' in one && one.isDropped
}
