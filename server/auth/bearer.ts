import 'server-only'
import { AppError } from '@/lib/errors'
import type { Token } from '@/server/db/tokens'
import type { Services } from '@/server/services'
import { looksLikeAccessToken } from './access-token'
import type { Actor } from './actor'
import { clientName } from './client-name'
import { addressOf } from './client-address'
import { actorOfToken, type Presenting, presentedToken, tokenOfAccessToken } from './presented-token'
import { readTokenText } from './token-text'

/** In characters; ours are far shorter. */
const LONGEST_HEADER = 1024
/** RFC 6750 section 2.1; the scheme in any case of letters (RFC 9110 section 11.1). */
const BEARER = /^bearer +([\w.~+/-]+=*)$/i

/**
 * Whom a bearer token acts for: a personal access token, or one that the OAuth endpoint made of it. Cookies are not
 * looked at. Token, owner and role are read from the database each time, so that revoking one, a new role and a
 * disabled or removed user act at once.
 *
 * @throws {AppError} unauthenticated, in the same words whatever is wrong; too-many-requests with `pauseSeconds`
 */
export async function actorOfBearer(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  request: Pick<Request, 'headers'>,
): Promise<Actor> {
  return (await readBearer(services, request)).actor
}

/** Whether the request has a bearer token, sound or not. */
export function hasBearer({ headers }: Pick<Request, 'headers'>): boolean {
  return /^\s*bearer\b/i.test(headers.get('authorization') ?? '')
}

/** Like {@link actorOfBearer}, with the token itself. */
export async function readBearer(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  request: Pick<Request, 'headers'>,
): Promise<{ token: Token; actor: Actor }> {
  const text = bearerTextOf(request.headers.get('authorization'))
  const address = addressOf(request.headers.get('x-forwarded-for'))
  const token = text === null ? null : await tokenOf(services, text, { address })
  if (!token) throw new AppError('unauthenticated', 'A bearer token that holds is needed.')
  return { token, actor: { ...actorOfToken(token), via: { client: clientName(request.headers), token: token.name } } }
}

/** What cannot be a token is refused without being counted: it is no guess. */
async function tokenOf(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  text: string,
  presenting: Presenting,
) {
  if (looksLikeAccessToken(text)) return tokenOfAccessToken(services, text, presenting)
  const presented = readTokenText(text)
  return presented && presentedToken(services, presented, presenting)
}

function bearerTextOf(header: string | null): string | null {
  if (header === null || header.length > LONGEST_HEADER) return null
  return BEARER.exec(header.trim())?.[1] ?? null
}
