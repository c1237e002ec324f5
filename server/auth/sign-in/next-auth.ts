import 'server-only'
import type { AuthOptions } from 'next-auth'
import credentialsProvider from 'next-auth/providers/credentials'
import { z } from 'zod'
import { AppError, isDatabaseError } from '@/lib/errors'
import { paths } from '@/lib/paths'
import { closeSession } from '@/server/db/auth/sessions'
import type { Log } from '@/server/log'
import type { Services } from '@/server/services'
import { clientAddress } from '../client-address'
import { defaultExport } from './default-export'
import { loadOpenSession } from './session'
import { cookieName, isHttps, readSessionClaims, sessionSecret } from './session-cookie'
import { signIn } from './sign-in'

const credentialFields = z.object({ username: z.string().max(256), password: z.string() })
const forwardedHeaders = z.object({ 'x-forwarded-for': z.string() })

/**
 * How next-auth signs people in: by name and password, with a cookie that holds a session's id and no more. Made at
 * the first request, since the settings are read then; nothing is taken from its own environment variables.
 *
 * @param onDatabaseFailure receives a failure of Lakeshore's own database, which next-auth would answer as a wrong
 *   password, or as a session that has ended
 */
export function authOptions(
  services: Services,
  requestId: string,
  onDatabaseFailure: (failure: AppError) => void,
): AuthOptions {
  const reportFailure = (error: unknown): never => {
    if (isDatabaseError(error)) onDatabaseFailure(error)
    throw error
  }
  const isSecure = isHttps(services.config)
  const cookie = { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure } as const
  return {
    secret: sessionSecret(services.keys),
    session: { strategy: 'jwt', maxAge: services.config.sessionHours * 3600 },
    useSecureCookies: isSecure,
    cookies: {
      sessionToken: { name: cookieName(services.config, 'session'), options: cookie },
      csrfToken: { name: cookieName(services.config, 'csrf'), options: cookie },
      callbackUrl: { name: cookieName(services.config, 'callback'), options: cookie },
    },
    pages: { signIn: paths.login(), signOut: paths.login(), error: paths.login() },
    providers: [
      defaultExport(credentialsProvider)({
        credentials: { username: {}, password: {} },
        async authorize(credentials, request) {
          try {
            const { username, password } = parseCredentials(credentials)
            const forwardedFor = forwardedHeaders.safeParse(request.headers).data?.['x-forwarded-for'] ?? null
            const address = clientAddress(forwardedFor)
            const { userId, sessionId } = await signIn(services, { username, password, address }).catch(reportFailure)
            services.log.info('signed in', { requestId, userId })
            return { id: userId, sessionId }
          } catch (error) {
            // next-auth hands on the message of an error and nothing else.
            throw new Error(formatRefusal(services.log, error, requestId), { cause: error })
          }
        },
      }),
    ],
    callbacks: {
      async jwt({ token, user }) {
        if (user && 'sessionId' in user) return { sub: user.id, sessionId: user.sessionId }
        const claims = readSessionClaims(token)
        const open = claims && (await loadOpenSession(services.database, claims).catch(reportFailure))
        if (!open) throw new Error('the session has ended')
        return claims
      },
      // The browser asks our own endpoint who is signed in; next-auth's says only until when.
      session: ({ session }) => ({ expires: session.expires }),
      redirect: () => paths.home(),
    },
    events: {
      async signOut({ token }) {
        const claims = readSessionClaims(token)
        if (claims) await closeSession(services.database, claims.sessionId).catch(reportFailure)
      },
    },
    logger: {
      error(code, metadata) {
        const error = metadata instanceof Error ? metadata : metadata.error
        // The answer is then a problem, which has a line of its own in the log.
        if (!isDatabaseError(error)) services.log.error(error, { code, requestId })
      },
      // Its own address is used for redirects, of which we make none.
      warn: (code) =>
        code === 'NEXTAUTH_URL' ? undefined : services.log.warning('next-auth warns', { code, requestId }),
      debug: () => {},
    },
  }
}

/** What a refused sign-in tells the page: a problem's code, words, facts and request id, as JSON. */
function formatRefusal(log: Log, error: unknown, requestId: string): string {
  if (!(error instanceof AppError)) log.error(error, { requestId })
  const appError = error instanceof AppError ? error : new AppError('internal', 'An unexpected error was logged.')
  if (appError.code === 'wrong-credentials') log.info('refused', { requestId, code: appError.code })
  return JSON.stringify({ code: appError.code, detail: appError.message, facts: appError.facts, requestId })
}

/** The body of a request is whatever its sender made it. */
function parseCredentials(body: unknown): z.output<typeof credentialFields> {
  const credentials = credentialFields.safeParse(body)
  if (credentials.success) return credentials.data
  throw new AppError('invalid-request', 'A username and a password are needed.')
}
