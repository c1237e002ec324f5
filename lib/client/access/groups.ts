import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { useAccessMutation } from './users'

/** All groups, with that of everyone. */
export function groupsQuery() {
  return queryOptions({
    queryKey: [...keys.access(), 'groups'],
    queryFn: async (context) => (await callEndpoint('listGroups', {}, toCallOptions(context))).groups,
  })
}

export function groupMembersQuery(groupId: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.access(), 'members', groupId],
    queryFn: (context) =>
      callEndpoint(
        'listUsers',
        { groupId, ...(context.pageParam !== null && { after: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
}

type GroupText = { name: string; description: string | null }

export function useCreateGroup() {
  return useAccessMutation((text: GroupText) => callEndpoint('createGroup', text))
}

export function useChangeGroup(groupId: string) {
  return useAccessMutation((text: GroupText) => callEndpoint('changeGroup', { groupId, ...text }))
}

export function useRemoveGroup(groupId: string) {
  return useAccessMutation(() => callEndpoint('removeGroup', { groupId }))
}

export function useAddMember(groupId: string) {
  return useAccessMutation((userId: string) => callEndpoint('addGroupMember', { groupId, userId }))
}

export function useRemoveMember(groupId: string) {
  return useAccessMutation((userId: string) => callEndpoint('removeGroupMember', { groupId, userId }))
}
