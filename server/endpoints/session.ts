import 'server-only'
import { changePassword, endSession, getSession } from '@/lib/contract/session'
import { clientAddress } from '@/server/auth/client-address'
import { changeOwnPassword } from '@/server/auth/sign-in/change-password'
import type { CallerSession } from '@/server/auth/sign-in/session'
import { sessionAudit } from '@/server/auth/sign-in/sign-in-audit'
import { closeSession } from '@/server/db/auth/sessions'
import { handleRequest, type ServedEndpoint } from '@/server/http/handle-request'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

/**
 * Rows that the user read are in the browser's cache (see `serveBytes`). Browsers read this header over HTTPS and on the
 * same machine.
 */
const FORGET_BYTES = { 'clear-site-data': '"cache"' }

export function sessionEndpoints(services: Services): ServedEndpoint[] {
  return [
    serve(services, changePassword, async (input, { session, requestId }) => ({
      endedSessionCount: await changeOwnPassword(services, toBrowserSession(session), { ...input, requestId }),
    })),
    serve(services, getSession, async (_input, { session }) => session),
    {
      endpoint: endSession,
      handle: (request, context) =>
        handleRequest(services, endSession, request, context, async (_input, { session, requestId }) => {
          const address = clientAddress(request.headers.get('x-forwarded-for'))
          const { sessionId } = toBrowserSession(session)
          await closeSession(services.database, sessionId, [
            sessionAudit('sign-out', { user: session, requestId, address }),
          ])
          return Response.json({}, { headers: FORGET_BYTES })
        }),
    },
  ]
}

/** Only for endpoints that the contract closes to tokens. */
function toBrowserSession(session: CallerSession) {
  const { sessionId } = session
  if (sessionId === null) throw new Error('a token has no session')
  return { ...session, sessionId }
}
