import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Resource, Role } from '@/lib/permissions'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { useAccessMutation } from './users'

/** How often an open page looks for new requests and answers. Pages in the background do not. */
const LOOK_EVERY_MS = 60_000

/** The user's own requests with their answers, and the open ones that the user may settle, newest first. */
export function accessRequestsQuery() {
  return queryOptions({
    queryKey: [...keys.access(), 'requests'],
    queryFn: async (context) => (await callEndpoint('listAccessRequests', {}, toCallOptions(context))).requests,
    refetchInterval: LOOK_EVERY_MS,
  })
}

/** The ids of open requests for what does not exist. Requested once while the list is open, because it calls catalogs. */
export function missingRequestedQuery() {
  return queryOptions({
    queryKey: [...keys.access(), 'requests', 'missing'],
    queryFn: async (context) =>
      new Set((await callEndpoint('findMissingRequested', {}, toCallOptions(context))).accessRequestIds),
  })
}

export function useRequestAccess() {
  return useAccessMutation(({ resource, role, note }: { resource: Resource; role: Role; note: string }) =>
    callEndpoint('requestAccess', { ...resource, role, note }),
  )
}

/** Grants or refuses a request with a comment, or withdraws the user's own. */
export function useSettleRequest() {
  return useAccessMutation(
    (decision: { accessRequestId: string; outcome: 'granted' | 'refused' | 'withdrawn'; comment: string | null }) =>
      callEndpoint('decideAccessRequest', decision),
  )
}
