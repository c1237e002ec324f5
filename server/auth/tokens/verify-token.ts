import 'server-only'
import { lesserRole } from '@/lib/permissions'
import { findToken, findTokenWithPause, type Token } from '@/server/db/auth/tokens'
import type { Services } from '@/server/services'
import { readAccessToken } from './access-token'
import { type Actor, actorFor } from '../actor'
import { countGuess, guessKey, refuseWhilePaused } from './token-limit'
import { hashSecret, isMatchingSecret, type TokenText } from './token-text'
import type { TokenUses } from './token-uses'

/** Where a token was presented from. */
export type ClientContext = { address: string }

/** A secret that is nobody's, so that a token that is not there takes as long as one that is. */
const DUMMY_SECRET_HASH = hashSecret('nobody')

/**
 * The token that was presented whole, when it is right and still holds; null otherwise. A wrong one is counted.
 *
 * @throws {AppError} too-many-requests with `pauseSeconds`
 */
export async function verifyToken(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  { tokenId, secret }: TokenText,
  { address }: ClientContext,
): Promise<Token | null> {
  const { database } = services
  const found = await findTokenWithPause(database, {
    tokenId,
    attemptsKey: guessKey(services.keys, { address, tokenId }),
  })
  if (found) refuseWhilePaused(found.pauseLeftMs)
  const isRight = isMatchingSecret(secret, found?.secretHash ?? DUMMY_SECRET_HASH)
  if (found && isRight) return acceptLiveToken(services.tokenUses, found.token)
  await countGuess(services, { address, tokenId: found ? tokenId : null })
  return null
}

/**
 * The token that an access token of the OAuth endpoint was made for, when that one is ours and both still hold; null
 * otherwise. One that was not made here is counted.
 *
 * @param isExpiredAllowed where the client has proven who it is besides
 * @throws {AppError} too-many-requests with `pauseSeconds`
 */
export async function verifyAccessToken(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  text: string,
  { address, isExpiredAllowed = false }: ClientContext & { isExpiredAllowed?: boolean },
): Promise<Token | null> {
  const accessToken = readAccessToken(services.keys, text)
  if (!accessToken) {
    await countGuess(services, { address, tokenId: null })
    return null
  }
  const { database } = services
  if (accessToken.expiresAtMs <= database.nowMs() && !isExpiredAllowed) return null
  const token = await findToken(database, accessToken.tokenId)
  return token && acceptLiveToken(services.tokenUses, token)
}

/** The owner of a token as an actor, who may do what both the token and its owner may now. */
export function actorForToken({ owner, role }: Token): Actor {
  return actorFor({ ...owner, role: lesserRole(role, owner.role) })
}

/** What was right and has ended is refused without being counted: it is no guess. */
function acceptLiveToken(tokenUses: TokenUses, token: Token): Token | null {
  if (token.state !== 'live') return null
  tokenUses.record(token)
  return token
}
