import 'server-only'
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { User } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import { countGuess } from '../tokens/token-limit'
import { CLOCK_TOLERANCE_SECONDS, type IdentityProvider, isLater } from './identity-provider'
import { providerUnavailableError } from './provider-fetch'
import { readPerson } from './provider-person'
import { settleUser } from './settle-user'
import { SignInRefusal } from './sign-in-refusal'

/** Signatures with a key that only the provider has. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')
/** RFC 9068 defines a type; many providers still write the general one, or none. */
const TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt']
/** Claims of ID tokens and logout tokens, which are not for engines but may name the same audience. */
const OTHER_TOKENS_CLAIMS = ['nonce', 'at_hash', 'c_hash', 'events']
/** Keycloak names the kind of a token in its payload. */
const OTHER_TOKENS_KINDS: readonly unknown[] = ['ID', 'Refresh', 'Offline', 'Logout']

/** Whether a text has the form of a signed JSON Web Token (RFC 7519). */
export function mightBeProviderToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)
}

/**
 * The user of an access token that the provider issued, and when it expires; null if it is not valid here. The keys are
 * those of the issuer in the settings, whatever the token says about itself. A token with a wrong signature is counted.
 *
 * @throws {AppError} too-many-requests with `pauseSeconds`, identity-provider-unavailable
 */
export async function verifyProviderToken(
  services: Pick<AuthServices, 'database' | 'keys' | 'refusals' | 'log'>,
  provider: IdentityProvider,
  text: string,
  { address }: { address: string },
): Promise<{ user: User; expiresAtMs: number } | null> {
  const { settings } = provider
  if (settings.audiences.length === 0) return null
  const { issuer, keys } = await provider.tokenKeys().catch((error: unknown) => {
    throw providerUnavailableError(error)
  })
  // The keys are not looked up for a token of another issuer.
  if (readIssuer(text) !== issuer) return countAsGuess(services, address)
  let claims: JWTPayload
  try {
    const verified = await jwtVerify(text, keys, {
      issuer,
      audience: [...settings.audiences],
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(services.database.nowMs()),
      requiredClaims: ['exp', 'sub'],
    })
    const { typ } = verified.protectedHeader
    if (!TYPES.includes(typ?.toLowerCase())) return null
    claims = verified.payload
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    // The claims are read after the signature, so such a token is not a guess.
    const isSigned = error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed
    return isSigned ? null : countAsGuess(services, address)
  }
  const { exp, iat } = claims
  if (iat !== undefined && isLater(iat, services.database.nowMs())) return null
  if (exp === undefined || isOtherToken(claims)) return null
  const user = await findUser(services, provider, claims, address)
  return user && { user, expiresAtMs: exp * 1000 }
}

async function findUser(
  services: Pick<AuthServices, 'database' | 'refusals' | 'log'>,
  { settings }: IdentityProvider,
  claims: JWTPayload,
  address: string,
): Promise<User | null> {
  try {
    return await settleUser(services, settings, readPerson(settings, claims), null)
  } catch (error) {
    if (!(error instanceof SignInRefusal)) throw error
    const { code, message, user } = error
    const identity = { issuer: settings.issuer, subject: String(claims.sub) }
    services.log.info('refused', { code, detail: message })
    await services.refusals.recordProviderSignIn({ code, reason: message, user, identity, address, requestId: null })
    return null
  }
}

async function countAsGuess(services: Pick<AuthServices, 'database' | 'keys'>, address: string): Promise<null> {
  await countGuess(services, { address, tokenId: null })
  return null
}

function isOtherToken(claims: JWTPayload): boolean {
  return OTHER_TOKENS_CLAIMS.some((name) => Object.hasOwn(claims, name)) || OTHER_TOKENS_KINDS.includes(claims['typ'])
}

/** Only to refuse other issuers' tokens early: the token is not verified yet. */
function readIssuer(text: string): string | null {
  try {
    return decodeJwt(text).iss ?? null
  } catch {
    return null
  }
}
