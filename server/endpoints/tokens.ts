import 'server-only'
import type { Services } from '@/server/services'
import { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
import { toToken } from '@/server/auth/to-token'
import { endToken, makeOwnToken, tokensSeenBy } from '@/server/auth/tokens'
import { serve } from '@/server/http/serve'

export function tokenEndpoints(services: Services) {
  return [
    serve(services, revokeToken, async ({ tokenId }, by) => {
      await endToken(services.database, tokenId, by)
      return {}
    }),
    serve(services, listTokens, async ({ user }, { actor }) => ({
      tokens: (await tokensSeenBy(services.database, actor, user)).map(toToken),
    })),
    serve(services, createToken, async (asked, by) => {
      const { token, text } = await makeOwnToken(services.database, asked, by)
      return { token: toToken(token), text }
    }),
  ]
}
