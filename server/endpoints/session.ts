import 'server-only'
import { changePassword, endSession, getSession } from '@/lib/contract/session'
import { changeOwnPassword } from '@/server/auth/sign-in/change-password'
import type { CallerSession } from '@/server/auth/sign-in/session'
import { closeSession } from '@/server/db/auth/sessions'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

export function sessionEndpoints(services: Services) {
  return [
    serve(services, changePassword, async (input, { session, requestId }) => ({
      endedSessionCount: await changeOwnPassword(services, toBrowserSession(session), { ...input, requestId }),
    })),
    serve(services, getSession, async (_input, { session }) => session),
    serve(services, endSession, async (_input, { session }) => {
      await closeSession(services.database, toBrowserSession(session).sessionId)
      return {}
    }),
  ]
}

/** Only for endpoints that the contract closes to tokens. */
function toBrowserSession(session: CallerSession) {
  const { sessionId } = session
  if (sessionId === null) throw new Error('a token has no session')
  return { ...session, sessionId }
}
