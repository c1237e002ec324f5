import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths'
import { callEndpoint } from './call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './retry'
import { postForm } from './sign-in'

/** The signed-in user. */
export function sessionQuery() {
  return queryOptions({
    queryKey: keys.session(),
    queryFn: (context) => callEndpoint('getSession', {}, toCallOptions(context)),
  })
}

/** Ends the session, then goes to the sign-in page, so that no data stays visible. */
export function useSignOut() {
  return useMutation({
    mutationFn: signOut,
    onSuccess: () => window.location.assign(paths.login()),
  })
}

export function useChangePassword() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (passwords: { currentPassword: string; newPassword: string }) =>
      callEndpoint('changePassword', passwords),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.session() }),
  })
}

/** Ends the session on the server first: if that fails, the page reports it and the user is still signed in. */
async function signOut(): Promise<void> {
  await callEndpoint('endSession', {}).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error // it had ended already
  })
  await postForm('signout', {})
}
