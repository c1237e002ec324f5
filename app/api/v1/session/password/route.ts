import { changePassword } from '@/lib/contract/session'
import { changeOwnPassword } from '@/server/auth/change-password'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const POST = serve(changePassword, async (input, { session, requestId }) => ({
  endedSessionCount: await changeOwnPassword(session, { ...input, requestId }),
}))
export const { GET, PUT, PATCH, DELETE, OPTIONS } = wrongMethod('POST')
