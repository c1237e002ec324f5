import 'server-only'
import type { AuthOptions } from 'next-auth'
import credentialsProvider from 'next-auth/providers/credentials'
import * as z from 'zod'
import { AppError, isDatabaseError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { closeSession } from '@/server/db/auth/sessions'
import type { Log } from '@/server/log'
import type { AuthServices } from '@/server/auth/auth-services'
import { clientAddress } from '../client-address'
import { defaultExport } from './default-export'
import { loadOpenSession } from './session'
import { cookieName, isHttps, readSessionClaims, sessionSecret } from './session-cookie'
import { signIn } from './sign-in'
import { sessionAudit } from './sign-in-audit'

const credentialFields = z.object({ username: z.string().max(256), password: z.string() })
const forwardedHeaders = z.object({ 'x-forwarded-for': z.string() })

/**
 * How next-auth signs people in: by name and password, with a cookie that contains only the session's id. Created at
 * the first request, because the settings are read then; next-auth's own environment variables are not used.
 *
 * @param onDatabaseFailure receives a failure of Lakeshore's own database, which next-auth would report as a wrong
 *   password or as an ended session
 */
export function authOptions(
  services: AuthServices,
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
            if (!services.config.hasPasswordSignIn) throw passwordsOffError()
            const { username, password } = parseCredentials(credentials)
            const forwardedFor = forwardedHeaders.safeParse(request.headers).data?.['x-forwarded-for'] ?? null
            const address = clientAddress(forwardedFor)
            const { userId, sessionId } = await signIn(services, { username, password, address, requestId }).catch(
              reportFailure,
            )
            services.log.info('signed in', { requestId, userId })
            return { id: userId, sessionId }
          } catch (error) {
            // next-auth passes on only the message of an error.
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
      // The browser gets the user from our own endpoint; next-auth's returns only the expiry.
      session: ({ session }) => ({ expires: session.expires }),
      redirect: () => paths.home(),
    },
    events: {
      async signOut({ token }) {
        const claims = readSessionClaims(token)
        if (!claims) return
        const open = await loadOpenSession(services.database, claims).catch(reportFailure)
        const alongside = open ? [sessionAudit('sign-out', { user: open, requestId, address: null })] : []
        await closeSession(services.database, claims.sessionId, alongside).catch(reportFailure)
      },
    },
    logger: {
      error(code, metadata) {
        const error = metadata instanceof Error ? metadata : metadata.error
        // The response is then a problem, which is logged separately.
        if (!isDatabaseError(error)) services.log.error(error, { code, requestId })
      },
      // next-auth warns without a URL for its redirects, which Lakeshore does not use.
      warn: (code) =>
        code === 'NEXTAUTH_URL' ? undefined : services.log.warning('next-auth warns', { code, requestId }),
      debug: () => {},
    },
  }
}

/** The problem of a refused sign-in as JSON for the page: code, message, facts and request id. */
function formatRefusal(log: Log, error: unknown, requestId: string): string {
  if (!(error instanceof AppError)) log.error(error, { requestId })
  const appError = error instanceof AppError ? error : new AppError('internal', 'An unexpected error was logged.')
  if (appError.code === 'wrong-credentials') log.info('refused', { requestId, code: appError.code })
  return JSON.stringify({ code: appError.code, detail: appError.message, facts: appError.facts, requestId })
}

function passwordsOffError(): AppError {
  return new AppError('forbidden', 'This console has no sign-in with a password. Use the identity provider.')
}

/** The sender controls the body, so it may be anything. */
function parseCredentials(body: unknown): z.output<typeof credentialFields> {
  const credentials = credentialFields.safeParse(body)
  if (credentials.success) return credentials.data
  throw new AppError('invalid-request', 'A username and a password are required.')
}
