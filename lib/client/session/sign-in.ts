import { AppError } from '@/lib/errors'
import { fetchOrThrow } from '@/lib/api/fetch-or-throw'
import { readProblem, responseError, toAppError } from '@/lib/api/response-error'
import { parseJsonOrNull } from '@/lib/plain-json'

/** Signing in through next-auth, whose routes are not endpoints of our contract. The sign-in page loads little else. */

export type Credentials = { username: string; password: string }

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

/**
 * Changes the password of the signed-in user.
 *
 * @throws {AppError} wrong-credentials and too-many-requests with `pauseSeconds`, invalid-request
 */
export async function changePassword(passwords: { currentPassword: string; newPassword: string }): Promise<void> {
  const response = await fetchOrThrow('/api/v1/session/password', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(passwords),
  })
  if (!response.ok) throw responseError(response, await response.json().catch(() => undefined)) // not JSON
}

/** Ends a session that has loaded no page of the console, and so has nothing to clear. */
export async function leaveSession(): Promise<void> {
  await postForm('signout', {})
}

/** Posts to one of next-auth's routes and returns the URL to which it would redirect the browser. */
export async function postForm(
  route: 'callback/credentials' | 'signout',
  fields: Record<string, string>,
): Promise<URL> {
  const csrfToken = await readField(await fetchOrThrow('/api/auth/csrf'), 'csrfToken')
  const response = await fetchOrThrow(`/api/auth/${route}`, {
    method: 'POST',
    body: new URLSearchParams({ ...fields, csrfToken, json: 'true' }),
  })
  return new URL(await readField(response, 'url'), window.location.origin)
}

/** A text of a response. A refused sign-in has status 401 and still returns a URL. */
async function readField(response: Response, name: 'csrfToken' | 'url'): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined) // not JSON: reported below
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
  if (typeof value === 'string') return value
  throw responseError(response, body)
}

/** next-auth passes on a single text; the server fills it with the JSON of a problem. */
function toRefusalError(text: string): AppError {
  const problem = readProblem(parseJsonOrNull(text))
  if (problem === null)
    return new AppError('internal', 'The server refused the sign-in without a reason.', { cause: text })
  return toAppError(problem)
}
