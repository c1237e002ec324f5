import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import Provider, { type Context } from 'oidc-provider'
import { createSigningKey, type SigningKey } from './signing-key'

/** The claims of a person, without the subject. */
export type Account = { name?: string; preferred_username?: string; groups?: string[] }

/** A certified OpenID provider (`oidc-provider`) on this machine. People sign in with their subject alone. */
export type RealProvider = {
  issuer: string
  /** By subject. */
  accounts: Map<string, Account>
  key: SigningKey
  /** The settings with which Lakeshore uses it. */
  settings: Record<string, string>
  stop(): Promise<void>
}

export const ENGINE_AUDIENCE = 'lakeshore-engines'
/** A client that requests tokens for itself: a service account. */
export const SERVICE_CLIENT = { id: 'nightly-etl', secret: 'nightly-etl-secret' }
const CONSOLE_CLIENT = { id: 'lakeshore', secret: 'lakeshore-client-secret' }
const SCOPES = 'openid profile groups'

/** @param consoleUrl where people come back to */
export async function startRealProvider(consoleUrl: string): Promise<RealProvider> {
  const accounts = new Map<string, Account>()
  const key = await createSigningKey('provider-key')
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, createConfiguration(consoleUrl, accounts, key))
  const handle = provider.callback()
  server.on('request', (request, response) => {
    if (request.url === '/favicon.ico') response.writeHead(204).end()
    else if (!request.url?.startsWith('/interaction/')) handle(request, response)
    else void signInPerson(provider, request, response)
  })
  return {
    issuer,
    accounts,
    key,
    settings: {
      LAKESHORE_OIDC_ISSUER: issuer,
      LAKESHORE_OIDC_NAME: 'Harbour ID',
      LAKESHORE_OIDC_CLIENT_ID: CONSOLE_CLIENT.id,
      LAKESHORE_OIDC_CLIENT_SECRET: CONSOLE_CLIENT.secret,
      LAKESHORE_OIDC_SCOPES: SCOPES,
      LAKESHORE_OIDC_AUDIENCES: ENGINE_AUDIENCE,
    },
    stop: () => stop(server),
  }
}

/** An access token that the provider issues to a service account. */
export async function requestServiceToken(provider: Pick<RealProvider, 'issuer'>): Promise<string> {
  const response = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: SERVICE_CLIENT.id,
      client_secret: SERVICE_CLIENT.secret,
    }),
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`The provider issued no token: ${response.status}`)
  return token
}

function createConfiguration(consoleUrl: string, accounts: Map<string, Account>, key: SigningKey) {
  return {
    clients: [
      {
        client_id: CONSOLE_CLIENT.id,
        client_secret: CONSOLE_CLIENT.secret,
        redirect_uris: [`${consoleUrl}/api/auth/oidc/callback`],
        post_logout_redirect_uris: [`${consoleUrl}/login`],
      },
      {
        client_id: SERVICE_CLIENT.id,
        client_secret: SERVICE_CLIENT.secret,
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_post',
        response_types: [],
        redirect_uris: [],
      },
    ],
    jwks: { keys: [key.privateJwk] },
    cookies: { keys: ['keys of a test'] },
    // Without them the provider prints a line for each.
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      ClientCredentials: 600,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      Session: 3600,
    },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    scopes: SCOPES.split(' '),
    pkce: { required: () => true },
    findAccount: (_: unknown, subject: string) =>
      accounts.has(subject)
        ? { accountId: subject, claims: () => ({ sub: subject, ...accounts.get(subject) }) }
        : undefined,
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    loadExistingGrant: createGrant,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      // The page of the library loads a font from elsewhere.
      rpInitiatedLogout: { enabled: true, logoutSource: writeSignOutPage },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_: unknown, client: { clientId: string }) =>
          client.clientId === SERVICE_CLIENT.id ? 'urn:lakeshore' : undefined,
        useGrantedResource: () => false,
        getResourceServerInfo: () => ({ scope: 'catalog', audience: ENGINE_AUDIENCE, accessTokenFormat: 'jwt' }),
      },
    },
  }
}

/** The provider trusts the console's requests, as in most companies: no page asks for consent. */
async function createGrant({ oidc: { provider, client, session } }: Context) {
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(SCOPES)
  await grant.save()
  return grant
}

function writeSignOutPage(context: { body: string }, form: string) {
  context.body = `<!doctype html><title>Harbour ID</title>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out of Harbour ID</button>`
}

async function signInPerson(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html')
    response.end(
      '<!doctype html><title>Harbour ID</title><form method="post"><label>Person <input name="subject"></label><button>Continue</button></form>',
    )
    return
  }
  const accountId = new URLSearchParams(await text(request)).get('subject') ?? ''
  const result =
    accountId === '' ? { error: 'access_denied', error_description: 'No <b>way</b>.' } : { login: { accountId } }
  await provider.interactionFinished(request, response, result)
}

async function stop(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
