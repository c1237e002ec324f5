import { endSession, getSession } from '@/lib/contract/session'
import { openDatabase } from '@/server/db/open-database'
import { closeSession } from '@/server/db/sessions'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(getSession, async (_input, { session }) => session)

export const DELETE = serve(endSession, async (_input, { session }) => {
  await closeSession(openDatabase(), session.sessionId)
  return {}
})
export const { POST, PUT, PATCH, OPTIONS } = wrongMethod('GET', 'DELETE')
