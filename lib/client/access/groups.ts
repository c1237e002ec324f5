import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { getGroup } from '@/lib/contract/access/groups'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { useAccessMutation } from './users'

export type GroupDetail = z.output<typeof getGroup.output>

/** Used instead of a group's id: the group of all users. */
export const EVERYONE_ID = 'everyone'

/** All groups but that of everyone. */
export function groupsQuery() {
  return queryOptions({
    queryKey: [...keys.access(), 'groups'],
    queryFn: async (context) => (await callEndpoint('listGroups', {}, toCallOptions(context))).groups,
  })
}

export function groupQuery(groupId: string) {
  return queryOptions({
    queryKey: keys.group(groupId),
    queryFn: (context) => callEndpoint('getGroup', { groupId }, toCallOptions(context)),
  })
}

/** The members of a group, page after page, in order of their names. */
export function groupMembersQuery(groupId: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.access(), 'members', groupId],
    queryFn: (context) =>
      callEndpoint(
        'listGroupMembers',
        { groupId, ...(context.pageParam !== null && { after: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
}

export function useAddGroup() {
  return useAccessMutation((name: string) => callEndpoint('addGroup', { name }))
}

export function useRenameGroup(groupId: string) {
  return useAccessMutation((name: string) => callEndpoint('renameGroup', { groupId, name }))
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
