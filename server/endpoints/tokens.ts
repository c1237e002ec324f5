import 'server-only'
import { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
import { toToken } from '@/server/auth/to-token'
import { endToken, makeOwnToken, tokensSeenBy } from '@/server/auth/tokens'
import { serve } from '@/server/http/serve'

export const tokenEndpoints = [
  serve(revokeToken, async ({ tokenId }, by) => {
    await endToken(tokenId, by)
    return {}
  }),
  serve(listTokens, async ({ user }, { actor }) => ({
    tokens: (await tokensSeenBy(actor, user)).map(toToken),
  })),
  serve(createToken, async (asked, by) => {
    const { token, text } = await makeOwnToken(asked, by)
    return { token: toToken(token), text }
  }),
]
