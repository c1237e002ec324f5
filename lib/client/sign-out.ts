import { useQueryClient } from '@tanstack/react-query'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { clearColumnLayouts } from './table/column-layouts'
import { clearNewTableDrafts } from './new-table-drafts'
import { clearPendingChanges } from './table/pending-changes'
import { clearQueryHistory } from './query/query-history'
import { clearResults } from './query/clear-results'
import { clearStoredUploads } from './uploads/stored-uploads'
import { clearTabs } from './query/stored-tabs'
import { clearViewDrafts } from './view-drafts'
import { sessionQuery } from './session/session'
import { postForm } from './session/sign-in'
import { signalSignOut } from './session/sign-out-signal'
import { runSignOutTasks } from './session/sign-out-tasks'
import { useSingleMutation } from './call/use-single-mutation'

/** A browser whose storage does not answer must not keep the page open. */
const MAX_CLEAR_MS = 3000

/**
 * Ends the session, removes the user's queries, results, pending changes, column layouts and addresses of uploads from
 * this browser, then goes to the
 * sign-in page with all open tabs, so that no data stays visible.
 */
export function useSignOut() {
  const queryClient = useQueryClient()
  return useSingleMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      runSignOutTasks()
      const session = queryClient.getQueryData(sessionQuery().queryKey)
      if (session) {
        clearTabs(session.userId)
        clearQueryHistory(session.userId)
        clearPendingChanges(session.userId)
        clearNewTableDrafts(session.userId)
        clearViewDrafts(session.userId)
        clearColumnLayouts(session.userId)
        clearStoredUploads(session.userId)
      }
      signalSignOut()
      // A page that is left would not finish this. What could not be removed now is removed with the next sign-in.
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, MAX_CLEAR_MS))
      await Promise.race([clearResults(), timeout]).catch(() => undefined)
      window.location.assign(paths.signedOut())
    },
  })
}

/** Ends the session on the server first: if that fails, the page reports it and the user is still signed in. */
async function signOut(): Promise<void> {
  await callEndpoint('endSession', {}).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error // it had ended already
  })
  await postForm('signout', {})
}
