import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { problem } from '@/lib/contract/problem'
import { changePassword, endSession, getSession } from '@/lib/contract/session'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths'
import { call, fetchOrSayWhy, problemFrom } from './call'
import { keys } from './keys'
import { sendingOf } from './retry'

/** Who is signed in. */
export function sessionQuery() {
  return queryOptions({
    queryKey: keys.session(),
    queryFn: (context) => call(getSession, {}, sendingOf(context)),
  })
}

export type Credentials = { username: string; password: string }

/** Signs in by next-auth, whose routes are no endpoints of ours but speak its own language. */
export function useSignIn() {
  return useMutation({ mutationFn: signIn })
}

/** Ends the session, then leaves for the sign-in page, so that nothing read before stays in sight. */
export function useSignOut() {
  return useMutation({
    mutationFn: signOut,
    onSuccess: () => window.location.assign(paths.login()),
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
  const refusal = url.searchParams.get('error')
  if (refusal !== null) throw refusalFrom(refusal)
  if (url.searchParams.has('csrf')) throw new AppError('forbidden', 'The sign-in page is too old. Load it again.')
}

/** The session ends on the server first: when that fails, the person is told and still signed in. */
async function signOut(): Promise<void> {
  await call(endSession, {}).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error // it had ended already
  })
  await postForm('signout', {})
}

const tokenAnswer = z.object({ csrfToken: z.string() })
const formAnswer = z.object({ url: z.string() })

/** Posts to one of next-auth's routes and returns where it would send the browser. */
async function postForm(route: 'callback/credentials' | 'signout', fields: Record<string, string>): Promise<URL> {
  const { csrfToken } = await answerOf(tokenAnswer, await fetchOrSayWhy('/api/auth/csrf'))
  const response = await fetchOrSayWhy(`/api/auth/${route}`, {
    method: 'POST',
    body: new URLSearchParams({ ...fields, csrfToken, json: 'true' }),
  })
  const { url } = await answerOf(formAnswer, response)
  return new URL(url, window.location.origin)
}

/** A refused sign-in has status 401 and still answers with an address. */
async function answerOf<T extends z.ZodType>(schema: T, response: Response): Promise<z.output<T>> {
  const body: unknown = await response.json().catch(() => undefined) // not JSON: said below
  const answer = schema.safeParse(body)
  if (answer.success) return answer.data
  throw problemFrom(response, body)
}

const refusal = problem.pick({ code: true, detail: true, facts: true, requestId: true })

/** next-auth hands on one text; the server makes it the JSON of a problem. */
function refusalFrom(text: string): AppError {
  const told = refusal.safeParse(parsedOrNull(text))
  if (!told.success) return new AppError('internal', 'Sign-in was refused without a reason.', { cause: told.error })
  const { code, detail, facts, requestId } = told.data
  return new AppError(code, detail, { facts, requestId })
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
