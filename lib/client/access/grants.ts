import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { GrantHolder } from '@/lib/contract/access'
import type { Resource, Role } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { useAccessMutation } from './users'

type HolderId = Pick<GrantHolder, 'kind' | 'id'>

/** The grants of a user, with those of their groups and of everyone; or of a group. */
export function grantsQuery({ kind, id }: HolderId) {
  return queryOptions({
    queryKey: [...keys.access(), 'grants', kind, id],
    queryFn: async (context) =>
      (await callEndpoint('listGrants', kind === 'user' ? { userId: id } : { groupId: id }, toCallOptions(context)))
        .grants,
  })
}

export function useAddGrant() {
  return useAccessMutation((grant: { holder: HolderId; role: Role; on: Resource }) => callEndpoint('addGrant', grant))
}

export function useRemoveGrant() {
  return useAccessMutation((grantId: string) => callEndpoint('removeGrant', { grantId }))
}
