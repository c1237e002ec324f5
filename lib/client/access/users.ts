import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { getUser } from '@/lib/contract/access/users'
import type { Role } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { keys } from '../keys'

export type UserDetail = z.output<typeof getUser.output>

/**
 * Users by words of their names, page after page. Previous results stay visible while new ones load.
 *
 * @param notInGroup only users who are not members of this group
 */
export function usersQuery(query: string, notInGroup?: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.access(), 'users', query, notInGroup],
    queryFn: (context) =>
      callEndpoint(
        'listUsers',
        { ...(query !== '' && { query }), notInGroup, ...(context.pageParam !== null && { after: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
}

export function userQuery(userId: string) {
  return queryOptions({
    queryKey: keys.user(userId),
    queryFn: (context) => callEndpoint('getUser', { userId }, toCallOptions(context)),
  })
}

/** The response has the one-time password, so it is removed as soon as no component uses it. */
export function useAddUser() {
  return useAccessMutation(
    (user: { username: string; role: Role | null; isService?: boolean }) => callEndpoint('addUser', user),
    {
      gcTime: 0,
    },
  )
}

export function useChangeUser(userId: string) {
  return useAccessMutation((change: { role?: Role | null; displayName?: string | null; isDisabled?: boolean }) =>
    callEndpoint('changeUser', { userId, ...change }),
  )
}

/** The response has the one-time password, as {@link useAddUser}. */
export function useResetPassword(userId: string) {
  return useAccessMutation(() => callEndpoint('resetPassword', { userId }), { gcTime: 0 })
}

export function useLinkIdentity(userId: string) {
  return useAccessMutation((subject: string) => callEndpoint('linkIdentity', { userId, subject }))
}

export function useUnlinkIdentity(userId: string) {
  return useAccessMutation(() => callEndpoint('unlinkIdentity', { userId }))
}

export function useRemoveUser(userId: string) {
  return useAccessMutation(() => callEndpoint('removeUser', { userId }))
}

/** Who may do what can follow from any user, group and grant, so all of it is read again after a change. */
export function useAccessMutation<Data, Variables = void>(
  mutationFn: (variables: Variables) => Promise<Data>,
  options?: { gcTime?: number },
) {
  return useRefreshingMutation(mutationFn, [keys.access(), keys.session()], options)
}
