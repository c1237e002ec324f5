import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { problem } from '@/lib/contract/problem'
import { changePassword, endSession, getSession } from '@/lib/contract/session'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths'
import { call, fetchOrThrow, errorFromResponse } from './call'
import { keys } from './keys'
import { clearDrafts } from './query-draft'
import { clearQueryHistory } from './query-history'
import { toCallOptions } from './retry'
import { runSignOutTasks } from './sign-out-tasks'

/** The signed-in user. */
export function sessionQuery() {
  return queryOptions({
    queryKey: keys.session(),
    queryFn: (context) => call(getSession, {}, toCallOptions(context)),
  })
}

export type Credentials = { username: string; password: string }

/** Signs in through next-auth, whose routes are not endpoints of our contract. */
export function useSignIn() {
  return useMutation({ mutationFn: signIn })
}

/**
 * Ends the session, removes the user's queries from this browser, then goes to the sign-in page, so that no data stays
 * visible.
 */
export function useSignOut() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      runSignOutTasks()
      const session = queryClient.getQueryData(sessionQuery().queryKey)
      if (session) {
        clearDrafts(session.userId)
        clearQueryHistory(session.userId)
      }
      window.location.assign(paths.login())
    },
  })
}

export function useChangePassword() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (passwords: { currentPassword: string; newPassword: string }) => call(changePassword, passwords),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.session() }),
  })
}

/**
 * @throws {AppError} wrong-credentials and too-many-requests with `pauseSeconds`, database-unavailable,
 *   server-unreachable
 */
export async function signIn({ username, password }: Credentials): Promise<void> {
  const url = await postForm('callback/credentials', { username, password })
  const refusalJson = url.searchParams.get('error')
  if (refusalJson !== null) throw toRefusalError(refusalJson)
  if (url.searchParams.has('csrf')) throw new AppError('forbidden', 'This sign-in page is outdated. Reload it.')
}

/** Ends the session on the server first: if that fails, the page reports it and the user is still signed in. */
async function signOut(): Promise<void> {
  await call(endSession, {}).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error // it had ended already
  })
  await postForm('signout', {})
}

const csrfResponse = z.object({ csrfToken: z.string() })
const formResponse = z.object({ url: z.string() })

/** Posts to one of next-auth's routes and returns the URL to which it would redirect the browser. */
async function postForm(route: 'callback/credentials' | 'signout', fields: Record<string, string>): Promise<URL> {
  const { csrfToken } = await parseResponse(csrfResponse, await fetchOrThrow('/api/auth/csrf'))
  const response = await fetchOrThrow(`/api/auth/${route}`, {
    method: 'POST',
    body: new URLSearchParams({ ...fields, csrfToken, json: 'true' }),
  })
  const { url } = await parseResponse(formResponse, response)
  return new URL(url, window.location.origin)
}

/** A refused sign-in has status 401 and still returns a URL. */
async function parseResponse<T extends z.ZodType>(schema: T, response: Response): Promise<z.output<T>> {
  const body: unknown = await response.json().catch(() => undefined) // not JSON: reported below
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw errorFromResponse(response, body)
}

const refusalSchema = problem.pick({ code: true, detail: true, facts: true, requestId: true })

/** next-auth passes on a single text; the server fills it with the JSON of a problem. */
function toRefusalError(text: string): AppError {
  const parsed = refusalSchema.safeParse(parseJsonOrNull(text))
  if (!parsed.success)
    return new AppError('internal', 'The server refused the sign-in without a reason.', { cause: parsed.error })
  const { code, detail, facts, requestId } = parsed.data
  return new AppError(code, detail, { facts, requestId })
}

function parseJsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
