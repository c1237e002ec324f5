import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { GrantHolder } from '@/lib/contract/access/shapes'
import type { Resource, Role } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { useAccessMutation } from './users'

type HolderId = Pick<GrantHolder, 'kind' | 'id'>

/**
 * The grants of a user, including those of their groups and of everyone; of a group; or of everyone; page after page.
 */
export function grantsQuery({ kind, id }: HolderId) {
  return infiniteQueryOptions({
    queryKey: [...keys.access(), 'grants', kind, id],
    queryFn: (context) =>
      callEndpoint(
        'listGrants',
        {
          ...(kind === 'user' ? { userId: id } : kind === 'group' ? { groupId: id } : { everyone: 'true' as const }),
          ...(context.pageParam !== null && { after: context.pageParam }),
        },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
}

/** The grants on a resource and in it, page after page. */
export function grantsOnQuery(on: Resource) {
  return infiniteQueryOptions({
    queryKey: [...keys.access(), 'grants-on', on],
    queryFn: (context) =>
      callEndpoint(
        'listGrants',
        { ...on, ...(context.pageParam !== null && { after: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
}

/** Users and groups by words of their names, for a grant on a resource. */
export function grantHoldersQuery(on: Resource, query: string) {
  return queryOptions({
    queryKey: [...keys.access(), 'holders', on, query],
    queryFn: async (context) =>
      (await callEndpoint('listGrantHolders', { ...on, ...(query !== '' && { query }) }, toCallOptions(context)))
        .holders,
    placeholderData: keepPreviousData,
  })
}

/** A role on everything is stored with the user. */
export function useAddGrant() {
  return useAccessMutation(
    async ({ holder, role, resource: on }: { holder: HolderId; role: Role; resource: Resource }) => {
      if (holder.kind === 'user' && on.catalog === undefined) {
        await callEndpoint('changeUser', { userId: holder.id, role })
      } else {
        await callEndpoint('addGrant', { holder: { kind: holder.kind, id: holder.id }, role, ...on })
      }
    },
  )
}

export function useRemoveGrant() {
  return useAccessMutation((grantId: string) => callEndpoint('removeGrant', { grantId }))
}
