import 'server-only'
import type { Database } from '@/server/db/database'
import { findTokenIdByHash, type Token } from '@/server/db/tokens'
import { findUserByName } from '@/server/db/users'
import type { Services } from '@/server/services'
import { looksLikeAccessToken, signAccessToken } from './access-token'
import { type Presenting, presentedToken, tokenOfAccessToken } from './presented-token'
import { hashSecret, isSecretText, readTokenText } from './token-text'

/**
 * The two ways to an access token that Iceberg's clients know (REST specification, `POST /v1/oauth/tokens`): client
 * credentials (RFC 6749 section 4.4), where the credential is a personal access token, and token exchange (RFC 8693),
 * by which Java's client renews what it has.
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
const LONGEST_FIELD = 1024

type Client = { clientId: string; clientSecret: string }

/**
 * @param authorizationHeader taken when it is HTTP Basic and the form has no secret; a bearer token there is not looked at
 * @throws {AppError} too-many-requests with `pauseSeconds`
 */
export async function exchangeCredentials(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  form: URLSearchParams,
  authorizationHeader: string | null,
  presenting: Presenting,
): Promise<IssuedToken | OAuthRefusal> {
  const unusable = FIELDS.find((name) => form.getAll(name).length > 1 || (form.get(name)?.length ?? 0) > LONGEST_FIELD)
  if (unusable !== undefined) return invalidRequest(`${unusable} is given twice or is too long.`)
  const client = clientOf(form, authorizationHeader)
  switch (form.get('grant_type')) {
    case 'client_credentials': {
      const token = client && (await tokenOfClient(services, client, presenting))
      return token ? issued(services, token) : INVALID_CLIENT
    }
    case TOKEN_EXCHANGE:
      return exchangeToken(services, form, client, presenting)
    case null:
      return invalidRequest('grant_type is missing.')
    default:
      return { error: 'unsupported_grant_type', description: 'grant_type is client_credentials or token exchange.' }
  }
}

/**
 * A token for one that is held. Java's client asks with the one it has; after that has expired, with it and HTTP
 * Basic, which then has to be the credential of the same token.
 */
async function exchangeToken(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  form: URLSearchParams,
  client: Client | null,
  presenting: Presenting,
): Promise<IssuedToken | OAuthRefusal> {
  const subject = form.get('subject_token')
  if (!subject) return invalidRequest('subject_token is missing.')
  if (form.get('subject_token_type') !== ACCESS_TOKEN_TYPE) {
    return invalidRequest(`subject_token_type is to be ${ACCESS_TOKEN_TYPE}.`)
  }
  const clientToken = client && (await tokenOfClient(services, client, presenting))
  if (client && !clientToken) return INVALID_CLIENT
  const token = await tokenOfSubject(services, subject, { ...presenting, mayBeExpired: clientToken !== null })
  const isClients = !clientToken || clientToken.tokenId === token?.tokenId
  return token && isClients ? issued(services, token) : invalidRequest('The subject token does not hold.')
}

async function tokenOfSubject(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  subject: string,
  presenting: Presenting & { mayBeExpired: boolean },
) {
  if (looksLikeAccessToken(subject)) return tokenOfAccessToken(services, subject, presenting)
  const presented = readTokenText(subject)
  return presented && presentedToken(services, presented, presenting)
}

/** The secret is a whole token or the end of one; the id, where there is one, the token's or its owner's name. */
async function tokenOfClient(
  services: Pick<Services, 'database' | 'keys' | 'tokenUses'>,
  { clientId, clientSecret }: Client,
  presenting: Presenting,
): Promise<Token | null> {
  const whole = readTokenText(clientSecret)
  if (whole) {
    const token = await presentedToken(services, whole, presenting)
    return token && (clientId === '' || isIdOf(clientId, token)) ? token : null
  }
  if (!isSecretText(clientSecret)) return null
  return presentedToken(
    services,
    { tokenId: await tokenIdOf(services.database, clientId, clientSecret), secret: clientSecret },
    presenting,
  )
}

/** For a person's name, the one of their tokens that ends in this secret; text that is no token's id where there is none. */
async function tokenIdOf(database: Database, clientId: string, clientSecret: string): Promise<string> {
  const user = await findUserByName(database, clientId)
  return (user && (await findTokenIdByHash(database, user.userId, hashSecret(clientSecret)))) ?? clientId
}

function isIdOf(clientId: string, { tokenId, owner }: Token): boolean {
  return clientId === tokenId || clientId.toLowerCase() === owner.username.toLowerCase()
}

/** From the form, else from HTTP Basic; PyIceberg leaves the id empty or away where a credential has none. */
function clientOf(form: URLSearchParams, authorizationHeader: string | null): Client | null {
  const clientSecret = form.get('client_secret')
  if (clientSecret !== null) return { clientId: form.get('client_id') ?? '', clientSecret }
  const [, encoded] = /^basic +([\w+/]+=*)$/i.exec(authorizationHeader?.slice(0, 2 * LONGEST_FIELD).trim() ?? '') ?? []
  if (encoded === undefined) return null
  const credential = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = credential.indexOf(':')
  // Java's client sends a credential without an id as it is.
  if (colon === -1) return { clientId: '', clientSecret: credential }
  return { clientId: formDecoded(credential.slice(0, colon)), clientSecret: credential.slice(colon + 1) }
}

/** RFC 6749 section 2.3.1: an id in HTTP Basic is encoded as in a form. Nothing in our names reads otherwise when it is not. */
function formDecoded(text: string): string {
  return new URLSearchParams(`id=${text}`).get('id') ?? ''
}

function issued(services: Pick<Services, 'database' | 'keys'>, { tokenId, expiresAtMs }: Token): IssuedToken {
  const nowMs = services.database.nowMs()
  const accessToken = signAccessToken(services.keys, { tokenId, longestUntilMs: expiresAtMs }, nowMs)
  return { accessToken: accessToken.text, expiresInSeconds: Math.floor((accessToken.expiresAtMs - nowMs) / 1000) }
}

const INVALID_CLIENT: OAuthRefusal = {
  error: 'invalid_client',
  description: 'The credential is not that of a personal access token that holds.',
}

function invalidRequest(description: string): OAuthRefusal {
  return { error: 'invalid_request', description }
}
