import 'server-only'
import { encode } from 'next-auth/jwt'
import { isDatabaseError } from '@/lib/errors'
import { pageAfterSignIn, paths } from '@/lib/paths/paths'
import type { SignInProblemCode } from '@/lib/sign-in-problems'
import { clientAddress } from '@/server/auth/client-address'
import { ATTEMPT_SECONDS, readAttempts, toStoredAttempt, writeAttempts } from '@/server/auth/oidc/attempt-cookie'
import type { IdentityProvider } from '@/server/auth/oidc/identity-provider'
import { SignInRefusal } from '@/server/auth/oidc/sign-in-refusal'
import { signInWithProvider } from '@/server/auth/oidc/sign-in-with-provider'
import { toSignInRefusal } from '@/server/auth/oidc/to-sign-in-refusal'
import { claimSignIn } from '@/server/db/auth/used-sign-ins'
import { cookieName, findCookie, isHttps, sessionSecret } from '@/server/auth/sign-in/session-cookie'
import type { Services } from '@/server/services'
import { requestIdOf, withCommonHeaders } from './handle-request'

/** In characters; a code, a state and an issuer are far shorter. */
const MAX_SEARCH_CHARS = 8 * 1024

type Work = (provider: IdentityProvider, requestId: string) => Promise<Response>

/** Sends the browser to the identity provider. A plain link leads here, so that it works before any script. */
export function startProviderSignIn(services: Services, request: Request): Promise<Response> {
  return serve(services, request, async (provider) => {
    const nowMs = services.database.nowMs()
    const attempt = provider.createAttempt()
    const location = await askProvider(provider.authorizationUrl(attempt))
    const attempts = await readAttempts(services.keys, readCookie(services, request, 'attempts'), nowMs)
    const next = new URL(request.url).searchParams.get('next')
    const cookie = await writeAttempts(services.keys, [...attempts, toStoredAttempt(attempt, next, nowMs)], nowMs)
    return redirect(location.href, [toCookie(services, 'attempts', cookie, ATTEMPT_SECONDS)])
  })
}

/** Receives the browser that comes back from the identity provider, and opens a session. */
export function finishProviderSignIn(services: Services, request: Request): Promise<Response> {
  return serve(services, request, async (provider, requestId) => {
    const { keys, config } = services
    const { search, searchParams } = new URL(request.url)
    const nowMs = services.database.nowMs()
    const attempts = await readAttempts(keys, readCookie(services, request, 'attempts'), nowMs)
    const attempt = attempts.find(({ state }) => state === searchParams.get('state'))
    if (!attempt) throw new SignInRefusal('attempt-ended')
    if (search.length > MAX_SEARCH_CHARS) throw new SignInRefusal('response-invalid', 'The response is too long.')
    // An attempt is used once, whatever becomes of it.
    const others = attempts.filter((other) => other !== attempt)
    const attemptsCookie =
      others.length === 0
        ? toCookie(services, 'attempts', '', 0)
        : toCookie(services, 'attempts', await writeAttempts(keys, others, nowMs), ATTEMPT_SECONDS)
    try {
      // The browser may have stored its cookie from before.
      const claim = await claimSignIn(services.database, attempt)
      if (claim === 'used') throw new SignInRefusal('attempt-ended')
      if (claim === 'full') throw new SignInRefusal('too-many-requests', 'Too many sign-ins are still in progress.')
      const address = clientAddress(request.headers.get('x-forwarded-for'))
      const { userId, sessionId } = await signInWithProvider(services, provider, {
        search,
        attempt,
        address,
        requestId,
      })
      services.log.info('signed in', { requestId, userId, provider: provider.settings.issuer })
      const maxAge = config.sessionHours * 3600
      const session = await encode({ token: { sub: userId, sessionId }, secret: sessionSecret(keys), maxAge })
      return redirect(pageAfterSignIn(attempt.next), [attemptsCookie, toCookie(services, 'session', session, maxAge)])
    } catch (error) {
      return refuse(services, error, { requestId, next: attempt.next, cookies: [attemptsCookie] })
    }
  })
}

/** Ends the browser's session at the provider, if the provider can do that; ours has ended before. */
export function endProviderSession(services: Services, request: Request): Promise<Response> {
  return serve(services, request, async (provider) =>
    redirect((await askProvider(provider.endSessionUrl()))?.href ?? paths.login(), []),
  )
}

async function serve(services: Services, request: Request, work: Work): Promise<Response> {
  const requestId = requestIdOf(request)
  const { identityProvider } = services
  try {
    const response = identityProvider ? await work(identityProvider, requestId) : redirect(paths.login(), [])
    return withCommonHeaders(response, requestId)
  } catch (error) {
    const next = new URL(request.url).searchParams.get('next')
    return withCommonHeaders(refuse(services, error, { requestId, next, cookies: [] }), requestId)
  }
}

/** The sign-in page explains it. */
function refuse(
  { log }: Pick<Services, 'log'>,
  error: unknown,
  { requestId, next, cookies }: { requestId: string; next: string | null; cookies: readonly string[] },
): Response {
  const problem = toProblem(error)
  if (error instanceof SignInRefusal) {
    log.info('refused', { requestId, endpoint: 'GET /api/auth/oidc', code: problem, detail: error.message })
  } else log.error(error, { requestId, endpoint: 'GET /api/auth/oidc' })
  return redirect(paths.loginProblem(problem, requestId, next), cookies)
}

function toProblem(error: unknown): SignInProblemCode {
  if (error instanceof SignInRefusal) return error.code
  return isDatabaseError(error) ? 'database-failed' : 'internal'
}

/** A failure of the provider as a refusal. */
function askProvider<Result>(response: Promise<Result>): Promise<Result> {
  return response.catch((error: unknown) => {
    throw toSignInRefusal(error)
  })
}

type CookieKind = Parameters<typeof cookieName>[1]

function readCookie({ config }: Pick<Services, 'config'>, request: Request, kind: CookieKind): string | undefined {
  return findCookie(request.headers.get('cookie'), cookieName(config, kind))
}

/** Lax: the browser comes back from another site. */
function toCookie({ config }: Pick<Services, 'config'>, kind: CookieKind, value: string, maxAgeSeconds: number) {
  const flags = `Path=/; HttpOnly; SameSite=Lax${isHttps(config) ? '; Secure' : ''}`
  return `${cookieName(config, kind)}=${value}; Max-Age=${maxAgeSeconds}; ${flags}`
}

function redirect(location: string, cookies: readonly string[]): Response {
  const response = new Response(null, { status: 303, headers: { location } })
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}
