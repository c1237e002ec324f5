import 'server-only'
import { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
import { AppError } from '@/lib/errors'
import { toTokens } from '@/server/auth/tokens/to-token'
import { revokeUserToken, issueRequestedToken, listVisibleTokens } from '@/server/auth/tokens/tokens'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

export function tokenEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, revokeToken, async ({ tokenId }, context) => {
      await revokeUserToken(database, tokenId, context)
      return {}
    }),
    serve(services, listTokens, async ({ user }, { actor }) => ({
      tokens: await toTokens(database, await listVisibleTokens(database, actor, user)),
    })),
    serve(services, createToken, async ({ catalog, namespace, ...form }, context) => {
      if (namespace && !catalog) throw new AppError('invalid-request', 'A namespace needs its catalog.')
      const on = { ...(catalog && { catalog }), ...(namespace && { namespace }) }
      const { token, text } = await issueRequestedToken(database, { ...form, on }, context)
      const [shown] = await toTokens(database, [token])
      if (!shown) throw new Error('the new token was not listed')
      return { token: shown, secret: text }
    }),
  ]
}
