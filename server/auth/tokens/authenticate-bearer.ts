import 'server-only'
import { AppError } from '@/lib/errors'
import type { RoleGrant } from '@/lib/permissions'
import { readRoleGrants } from '@/server/db/auth/grants'
import type { Token } from '@/server/db/auth/tokens'
import type { Services } from '@/server/services'
import { mightBeAccessToken } from './access-token'
import type { Actor } from '../actor'
import { clientName } from '../client-name'
import { clientAddress } from '../client-address'
import { actorForToken, type ClientContext, verifyToken, verifyAccessToken } from './verify-token'
import { parseTokenText } from './token-text'

/** In characters; ours are far shorter. */
const MAX_HEADER_CHARS = 1024
/** RFC 6750 section 2.1; the scheme in any case of letters (RFC 9110 section 11.1). */
const BEARER = /^bearer +([\w.~+/-]+=*)$/i

/**
 * The user that a bearer token acts for. It is a personal access token, or one that the OAuth endpoint issued for it.
 * Cookies are ignored. Token, owner and grants are read from the database each time, so that revoking a token, a new grant
 * and disabling or removing a user take effect at once.
 *
 * @throws {AppError} unauthenticated, in the same words whatever is wrong; too-many-requests with `pauseSeconds`
 */
export async function authenticateBearer(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  request: Pick<Request, 'headers'>,
): Promise<Actor> {
  return (await verifyBearer(services, request)).actor
}

/** Whether the request has a bearer token, valid or not. */
export function hasBearer({ headers }: Pick<Request, 'headers'>): boolean {
  return /^\s*bearer\b/i.test(headers.get('authorization') ?? '')
}

/** Like {@link authenticateBearer}, with the token itself. */
export async function verifyBearer(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  request: Pick<Request, 'headers'>,
): Promise<{ token: Token; roleGrants: RoleGrant[]; actor: Actor }> {
  const text = parseBearerToken(request.headers.get('authorization'))
  const address = clientAddress(request.headers.get('x-forwarded-for'))
  const token = text === null ? null : await verifyTokenText(services, text, { address })
  if (!token) throw new AppError('unauthenticated', 'A valid bearer token is required.')
  const roleGrants = await readRoleGrants(services.database, token.owner.userId)
  return {
    token,
    roleGrants,
    actor: { ...actorForToken(token, roleGrants), via: { client: clientName(request.headers), token: token.name } },
  }
}

/** A text that cannot be a token is refused without being counted: it is no guess. */
async function verifyTokenText(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  text: string,
  clientContext: ClientContext,
) {
  if (mightBeAccessToken(text)) return verifyAccessToken(services, text, clientContext)
  const tokenText = parseTokenText(text)
  return tokenText && verifyToken(services, tokenText, clientContext)
}

function parseBearerToken(header: string | null): string | null {
  if (header === null || header.length > MAX_HEADER_CHARS) return null
  return BEARER.exec(header.trim())?.[1] ?? null
}
