import 'server-only'
import { createToken, listTokens, revokeToken, rotateToken } from '@/lib/contract/tokens'
import { AppError } from '@/lib/errors'
import { toTokens } from '@/server/auth/tokens/to-token'
import {
  revokeUserToken,
  issueRequestedToken,
  listVisibleTokens,
  rotateVisibleToken,
} from '@/server/auth/tokens/tokens'
import type { Token } from '@/server/db/auth/tokens'
import type { Database } from '@/server/db/database'
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
      return { token: await describeToken(database, token), secret: text }
    }),
    serve(services, rotateToken, async (input, context) => {
      const { token, text } = await rotateVisibleToken(database, input, context)
      return { token: await describeToken(database, token), secret: text }
    }),
  ]
}

async function describeToken(database: Database, token: Token) {
  const [shown] = await toTokens(database, [token])
  if (!shown) throw new Error('the token was not described')
  return shown
}
