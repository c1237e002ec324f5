import 'server-only'
import { AppError } from '@/lib/errors'
import { readRoleGrants } from '@/server/db/auth/grants'
import { findToken } from '@/server/db/auth/tokens'
import { findUser } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import { mightBeAccessToken } from './tokens/access-token'
import { type Actor, actorFor, type effectiveRoles } from './actor'
import { clientName } from './client-name'
import { clientAddress } from './client-address'
import { mightBeProviderToken, verifyProviderToken } from './oidc/verify-provider-token'
import { acceptsSecret, actorForToken, type ClientContext, verifyTokenText } from './tokens/verify-token'

/** In characters. Our tokens are far shorter; an identity provider's may list groups. */
const MAX_HEADER_CHARS = 12 * 1024
/** RFC 6750 section 2.1; the scheme in any case of letters (RFC 9110 section 11.1). */
const BEARER = /^bearer +([\w.~+/-]+=*)$/i

export type BearerServices = Pick<
  AuthServices,
  'database' | 'keys' | 'tokenUses' | 'identityProvider' | 'refusals' | 'log'
>

/** A client with a valid token, and when the token expires. */
export type BearerCaller = {
  actor: Actor
  /** The roles of the user, and the limit of the token. */
  roles: Parameters<typeof effectiveRoles>[0]
  expiresAtMs: number
  /** With the current roles of the user; null once the token has ended. */
  refresh(): Promise<Actor | null>
}

/**
 * The user that a bearer token acts for. It is a personal access token, one that the OAuth endpoint issued for it, or
 * an access token of the identity provider. Cookies are ignored. Token, owner and grants are read from the database each
 * time, so that revoking a token, a new grant and disabling or removing a user take effect at once.
 *
 * @throws {AppError} unauthenticated, in the same words whatever is wrong; too-many-requests with `pauseSeconds`;
 *   identity-provider-unavailable
 */
export async function authenticateBearer(services: BearerServices, request: Pick<Request, 'headers'>): Promise<Actor> {
  return (await verifyBearer(services, request)).actor
}

/** Whether the request has a bearer token, valid or not. */
export function hasBearer({ headers }: Pick<Request, 'headers'>): boolean {
  return /^\s*bearer\b/i.test(headers.get('authorization') ?? '')
}

/** Like {@link authenticateBearer}, for callers that stay. */
export async function verifyBearer(
  services: BearerServices,
  { headers }: Pick<Request, 'headers'>,
): Promise<BearerCaller> {
  const text = parseBearerToken(headers.get('authorization'))
  const address = clientAddress(headers.get('x-forwarded-for'))
  const caller = text === null ? null : await verifyText(services, text, { address, client: clientName(headers) })
  if (!caller) throw new AppError('unauthenticated', 'A valid bearer token is required.')
  return caller
}

async function verifyText(
  services: BearerServices,
  text: string,
  { address, client }: ClientContext & { client: string | null },
): Promise<BearerCaller | null> {
  const { identityProvider, database } = services
  if (identityProvider && mightBeProviderToken(text) && !mightBeAccessToken(text)) {
    const verified = await verifyProviderToken(services, identityProvider, text, { address })
    if (!verified) return null
    const { user, expiresAtMs } = verified
    const via = { client, token: identityProvider.settings.name }
    const roleGrants = await readRoleGrants(database, user.userId)
    return {
      actor: { ...actorFor({ ...user, roleGrants }), via },
      roles: { role: user.role, roleGrants },
      expiresAtMs,
      async refresh() {
        const current = database.nowMs() < expiresAtMs ? await findUser(database, user.userId) : null
        if (current?.disabledAtMs !== null) return null
        return { ...actorFor({ ...current, roleGrants: await readRoleGrants(database, user.userId) }), via }
      },
    }
  }
  const token = await verifyTokenText(services, text, { address })
  if (!token) return null
  const { owner, limit, tokenId, expiresAtMs } = token
  const via = { client, token: token.name, ...(owner.isService && { isService: true }) }
  const roleGrants = await readRoleGrants(database, owner.userId)
  return {
    actor: { ...actorForToken(token, roleGrants), via },
    roles: { role: owner.role, roleGrants, limit },
    expiresAtMs,
    async refresh() {
      const current = await findToken(database, tokenId)
      if (!current || !acceptsSecret(current, current, token.secretId)) return null
      return { ...actorForToken(current, await readRoleGrants(database, owner.userId)), via }
    },
  }
}

function parseBearerToken(header: string | null): string | null {
  if (header === null || header.length > MAX_HEADER_CHARS) return null
  return BEARER.exec(header.trim())?.[1] ?? null
}
