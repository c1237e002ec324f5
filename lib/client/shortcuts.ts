import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Favourite, FavouriteTarget, VisitedEntry } from '@/lib/contract/shortcuts'
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
