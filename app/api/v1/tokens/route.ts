import { createToken, listTokens } from '@/lib/contract/tokens'
import { makeOwnToken, tokensSeenBy } from '@/server/auth/tokens'
import { toToken } from '@/server/auth/to-token'
import { serve } from '@/server/http/serve'
import { wrongMethod } from '@/server/http/wrong-method'

export const GET = serve(listTokens, async ({ user }, { actor }) => ({
  tokens: (await tokensSeenBy(actor, user)).map(toToken),
}))
export const POST = serve(createToken, async (asked, by) => {
  const { token, text } = await makeOwnToken(asked, by)
  return { token: toToken(token), text }
})
export const { PUT, PATCH, DELETE, OPTIONS } = wrongMethod('GET', 'POST')
