import 'server-only'
import type { Database } from '@/server/db/database'
import { findTokenIdByHash, type Token } from '@/server/db/auth/tokens'
import { findUserByName } from '@/server/db/auth/users'
import type { AuthServices } from '@/server/auth/auth-services'
import { signAccessToken } from './access-token'
import { type ClientContext, type VerifiedToken, verifyToken, verifyTokenText } from './verify-token'
import { hashSecret, isSecretText, parseTokenText } from './token-text'

/**
 * The two ways in which Iceberg's clients obtain an access token (REST specification, `POST /v1/oauth/tokens`): client
 * credentials (RFC 6749 section 4.4), where the credential is a personal access token, and token exchange (RFC 8693),
 * with which Java's client renews its token.
 */

export type IssuedToken = { accessToken: string; expiresInSeconds: number }

/** RFC 6749 section 5.2. The description is for people and never says which part was wrong. */
export type OAuthRefusal = {
  error: 'invalid_request' | 'invalid_client' | 'unsupported_grant_type'
  description: string
}

export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

const FIELDS = ['grant_type', 'client_id', 'client_secret', 'subject_token', 'subject_token_type'] as const
/** In characters; a credential of ours is far shorter. */
const MAX_FIELD_CHARS = 1024

type Client = { clientId: string; clientSecret: string }

/**
 * @param authorizationHeader used when it is HTTP Basic and the form has no secret; a bearer token in it is ignored
 * @throws {AppError} too-many-requests with `pauseSeconds`
 */
export async function exchangeCredentials(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  form: URLSearchParams,
  authorizationHeader: string | null,
  clientContext: ClientContext,
): Promise<IssuedToken | OAuthRefusal> {
  const invalidField = FIELDS.find(
    (name) => form.getAll(name).length > 1 || (form.get(name)?.length ?? 0) > MAX_FIELD_CHARS,
  )
  if (invalidField !== undefined) return invalidRequest(`${invalidField} is given twice or is too long.`)
  const client = parseClient(form, authorizationHeader)
  switch (form.get('grant_type')) {
    case 'client_credentials': {
      const token = client && (await verifyClient(services, client, clientContext))
      return token ? issueAccessToken(services, token) : INVALID_CLIENT
    }
    case TOKEN_EXCHANGE:
      return exchangeToken(services, form, client, clientContext)
    case null:
      return invalidRequest('grant_type is missing.')
    default:
      return {
        error: 'unsupported_grant_type',
        description: 'grant_type must be client_credentials or token exchange.',
      }
  }
}

/**
 * Exchanges an access token for a new one. Java's client presents its current token; after that has expired, it adds
 * HTTP Basic, which must then be the credential of the same token.
 */
async function exchangeToken(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  form: URLSearchParams,
  client: Client | null,
  clientContext: ClientContext,
): Promise<IssuedToken | OAuthRefusal> {
  const subject = form.get('subject_token')
  if (!subject) return invalidRequest('subject_token is missing.')
  if (form.get('subject_token_type') !== ACCESS_TOKEN_TYPE) {
    return invalidRequest(`subject_token_type must be ${ACCESS_TOKEN_TYPE}.`)
  }
  const clientToken = client && (await verifyClient(services, client, clientContext))
  if (client && !clientToken) return INVALID_CLIENT
  const token = await verifyTokenText(services, subject, {
    ...clientContext,
    isExpiredAllowed: clientToken !== null,
  })
  const belongsToClient = !clientToken || clientToken.tokenId === token?.tokenId
  return token && belongsToClient
    ? issueAccessToken(services, clientToken ?? token)
    : invalidRequest('The subject token is not valid.')
}

/** The secret is a whole token or the end of one. The id, if given, is the token's id or its owner's name. */
async function verifyClient(
  services: Pick<AuthServices, 'database' | 'keys' | 'tokenUses'>,
  { clientId, clientSecret }: Client,
  clientContext: ClientContext,
): Promise<VerifiedToken | null> {
  const fullToken = parseTokenText(clientSecret)
  if (fullToken) {
    const token = await verifyToken(services, fullToken, clientContext)
    return token && (clientId === '' || isClientIdFor(clientId, token)) ? token : null
  }
  if (!isSecretText(clientSecret)) return null
  return verifyToken(
    services,
    { tokenId: await findTokenId(services.database, clientId, clientSecret), secret: clientSecret },
    clientContext,
  )
}

/** The id of that user's token with this secret, otherwise a text that is never a token's id. */
async function findTokenId(database: Database, clientId: string, clientSecret: string): Promise<string> {
  const user = await findUserByName(database, clientId)
  return (user && (await findTokenIdByHash(database, user.userId, hashSecret(clientSecret)))) ?? clientId
}

function isClientIdFor(clientId: string, { tokenId, owner }: Token): boolean {
  return clientId === tokenId || clientId.toLowerCase() === owner.username.toLowerCase()
}

/** From the form, otherwise from HTTP Basic. PyIceberg sends an empty id or none when a credential has no id. */
function parseClient(form: URLSearchParams, authorizationHeader: string | null): Client | null {
  const clientSecret = form.get('client_secret')
  if (clientSecret !== null) return { clientId: form.get('client_id') ?? '', clientSecret }
  const [, encoded] =
    /^basic +([\w+/]+=*)$/i.exec(authorizationHeader?.slice(0, 2 * MAX_FIELD_CHARS).trim() ?? '') ?? []
  if (encoded === undefined) return null
  const credential = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = credential.indexOf(':')
  // Java's client sends a credential without an id unchanged.
  if (colon === -1) return { clientId: '', clientSecret: credential }
  return { clientId: decodeFormValue(credential.slice(0, colon)), clientSecret: credential.slice(colon + 1) }
}

/** RFC 6749 section 2.3.1: an id in HTTP Basic is form-encoded. An unencoded id of ours reads the same. */
function decodeFormValue(text: string): string {
  return new URLSearchParams(`id=${text}`).get('id') ?? ''
}

function issueAccessToken(
  services: Pick<AuthServices, 'database' | 'keys'>,
  { tokenId, secretId, expiresAtMs }: VerifiedToken,
): IssuedToken {
  const nowMs = services.database.nowMs()
  const accessToken = signAccessToken(services.keys, { tokenId, secretId, maxExpiresAtMs: expiresAtMs }, nowMs)
  return { accessToken: accessToken.text, expiresInSeconds: Math.floor((accessToken.expiresAtMs - nowMs) / 1000) }
}

const INVALID_CLIENT: OAuthRefusal = {
  error: 'invalid_client',
  description: 'The credential is not a valid personal access token.',
}

function invalidRequest(description: string): OAuthRefusal {
  return { error: 'invalid_request', description }
}
