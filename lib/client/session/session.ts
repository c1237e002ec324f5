import { queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from '../keys'
import { toCallOptions } from '../call/retry'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'

/** The signed-in user. */
export function sessionQuery() {
  return queryOptions({
    queryKey: keys.session(),
    queryFn: (context) => callEndpoint('getSession', {}, toCallOptions(context)),
  })
}

export function useChangePassword() {
  return useRefreshingMutation(
    (passwords: { currentPassword: string; newPassword: string }) => callEndpoint('changePassword', passwords),
    [keys.session()],
  )
}
