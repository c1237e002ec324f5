import { removeOwnLogin, setOwnLogin } from '@/lib/contract/connections'
import { bindOwnCredentials, forgetOwn } from '@/server/connections/own-credentials'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const PUT = serve(setOwnLogin, async ({ catalog, ...login }, { actor, requestId }) => {
  await bindOwnCredentials(catalog, login, { actor, requestId })
  return {}
})

export const DELETE = serve(removeOwnLogin, async ({ catalog }, { actor, requestId }) => {
  await forgetOwn(catalog, { actor, requestId })
  return {}
})
export const { GET, POST, PATCH, OPTIONS } = wrongMethod('PUT', 'DELETE')
