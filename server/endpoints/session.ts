import 'server-only'
import { changePassword, endSession, getSession } from '@/lib/contract/session'
import { changeOwnPassword } from '@/server/auth/change-password'
import { openDatabase } from '@/server/db/open-database'
import { closeSession } from '@/server/db/sessions'
import { serve } from '@/server/http/serve'

export const sessionEndpoints = [
  serve(changePassword, async (input, { session, requestId }) => ({
    endedSessionCount: await changeOwnPassword(session, { ...input, requestId }),
  })),
  serve(getSession, async (_input, { session }) => session),
  serve(endSession, async (_input, { session }) => {
    await closeSession(openDatabase(), session.sessionId)
    return {}
  }),
]
