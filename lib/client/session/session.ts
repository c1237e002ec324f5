import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from '../keys'
import { toCallOptions } from '../call/retry'
import { useSingleMutation } from '../call/use-single-mutation'

/** The signed-in user. */
export function sessionQuery() {
  return queryOptions({
    queryKey: keys.session(),
    queryFn: (context) => callEndpoint('getSession', {}, toCallOptions(context)),
  })
}

export function useChangePassword() {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: (passwords: { currentPassword: string; newPassword: string }) =>
      callEndpoint('changePassword', passwords),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.session() }),
  })
}
