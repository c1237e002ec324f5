import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Resource, Role } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { useAccessMutation } from './users'

/** How often an open page looks for new requests and answers. Pages in the background do not. */
const LOOK_EVERY_MS = 60_000

/** The user's own requests, newest first, with their answers. */
export function ownRequestsQuery() {
  return queryOptions({
    queryKey: [...keys.access(), 'own-requests'],
    queryFn: async (context) => (await callEndpoint('listAccessRequests', {}, toCallOptions(context))).requests,
  })
}

/** All open requests, for admins. */
export function openRequestsQuery() {
  return queryOptions({
    queryKey: [...keys.access(), 'open-requests'],
    queryFn: async (context) =>
      (await callEndpoint('listAccessRequests', { scope: 'open' }, toCallOptions(context))).requests,
    refetchInterval: LOOK_EVERY_MS,
  })
}

export function useRequestAccess() {
  return useAccessMutation((request: { on: Resource; role: Role; note: string }) =>
    callEndpoint('requestAccess', request),
  )
}

export function useSettleRequest() {
  return useAccessMutation((decision: { requestId: string; isGranted: boolean; word: string }) =>
    callEndpoint('settleAccessRequest', decision),
  )
}
