import { revokeToken } from '@/lib/contract/tokens'
import { endToken } from '@/server/auth/tokens'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const DELETE = serve(revokeToken, async ({ tokenId }, by) => {
  await endToken(tokenId, by)
  return {}
})
export const { GET, POST, PUT, PATCH, OPTIONS } = wrongMethod('DELETE')
