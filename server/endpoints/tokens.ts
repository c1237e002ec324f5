import 'server-only'
import { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
import { toToken } from '@/server/auth/to-token'
import { endToken, makeOwnToken, tokensSeenBy } from '@/server/auth/tokens'
import { serve } from '@/server/http/serve'
import type { Services } from '@/server/services'

export function tokenEndpoints(services: Services) {
  const { database } = services
  return [
    serve(services, revokeToken, async ({ tokenId }, by) => {
      await endToken(database, tokenId, by)
      return {}
    }),
    serve(services, listTokens, async ({ user }, { actor }) => ({
      tokens: (await tokensSeenBy(database, actor, user)).map(toToken),
    })),
    serve(services, createToken, async (asked, by) => {
      const { token, text } = await makeOwnToken(database, asked, by)
      return { token: toToken(token), text }
    }),
  ]
}
