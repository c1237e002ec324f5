import { queryOptions } from '@tanstack/react-query'
import { ALL_USERS, type TokenOverlapHours } from '@/lib/contract/shapes/plain-values'
import type { Resource, Role } from '@/lib/permissions'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'
import { useRefreshingMutation } from './call/use-refreshing-mutation'

/** The tokens to list: the user's own, or the tokens of all users, which only an admin may list. */
export type TokenOwners = 'mine' | 'everybody'

/** Personal access tokens, newest first, ended ones too. */
export function tokensQuery(owners: TokenOwners) {
  return queryOptions({
    queryKey: [...keys.tokens(), owners],
    queryFn: (context) =>
      callEndpoint('listTokens', owners === 'mine' ? {} : { user: ALL_USERS }, toCallOptions(context)),
    select: (output) => output.tokens,
  })
}

/** `resource` is a catalog or a namespace; empty: no limit. */
type NewToken = { name: string; role: Role; days: number; resource: Resource; user?: string }

/** The response contains the token itself, so it is removed as soon as no component uses it. */
export function useCreateToken() {
  return useRefreshingMutation(
    ({ resource: { catalog, namespace }, ...newToken }: NewToken) =>
      callEndpoint('createToken', {
        ...newToken,
        ...(catalog !== undefined && { catalog }),
        ...(namespace !== undefined && { namespace }),
      }),
    [keys.tokens(), keys.access()],
    { gcTime: 0 },
  )
}

export function useRevokeToken() {
  return useRefreshingMutation((tokenId: string) => callEndpoint('revokeToken', { tokenId }), [keys.tokens()])
}

/** The response contains the token itself, as {@link useCreateToken}. */
export function useRotateToken() {
  return useRefreshingMutation(
    (rotation: { tokenId: string; overlapHours: TokenOverlapHours }) => callEndpoint('rotateToken', rotation),
    [keys.tokens()],
    { gcTime: 0 },
  )
}
