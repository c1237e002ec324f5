import 'server-only'
import { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
import { toToken } from '@/server/auth/tokens/to-token'
import { revokeUserToken, issueOwnToken, listVisibleTokens } from '@/server/auth/tokens/tokens'
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
      tokens: (await listVisibleTokens(database, actor, user)).map(toToken),
    })),
    serve(services, createToken, async (input, context) => {
      const { token, text } = await issueOwnToken(database, input, context)
      return { token: toToken(token), text }
    }),
  ]
}
