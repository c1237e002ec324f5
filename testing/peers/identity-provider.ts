import { generateKeyPairSync } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { runToEnd } from '../processes/run-to-end.ts'
import { freePort } from '../processes/free-port.ts'

/** A certified server of OAuth 2 and OpenID Connect. */
const PACKAGE = 'oidc-provider@9.13.3'
const FOLDER = path.resolve(`.cache/interop/${PACKAGE.replace('@', '-')}`)
const INSTALL_TIMEOUT_MS = 300_000
const TOKEN_LIFETIME_S = 3600

export type IdentityProvider = {
  issuer: string
  /** The URL where clients get tokens, with the credentials below. */
  tokenUri: string
  clientId: string
  clientSecret: string
  scope: string
  /** The resource that tokens are for; without it, other servers cannot read them. */
  resource: string
  token: () => Promise<string>
  stop: () => Promise<void>
}

type Provider = new (issuer: string, configuration: object) => { callback: () => RequestListener }

/** Installs the server on first use (3 MB). @throws when that fails */
export async function installIdentityProvider(): Promise<string> {
  if (existsSync(FOLDER)) return FOLDER
  const draft = `${FOLDER}.${process.pid}`
  const args = ['install', '--prefix', draft, '--no-audit', '--no-fund', '--ignore-scripts', PACKAGE]
  await runToEnd('npm', args, { timeoutMs: INSTALL_TIMEOUT_MS })
  if (existsSync(FOLDER)) rmSync(draft, { recursive: true })
  else renameSync(draft, FOLDER)
  return FOLDER
}

/** Starts a server in this process, with one client that gets tokens for itself. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const library = path.join(await installIdentityProvider(), 'node_modules/oidc-provider/lib/index.js')
  const { Provider } = (await import(pathToFileURL(library).href)) as { Provider: Provider }
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  // Characters that a form must encode.
  const client = { clientId: 'lake shore', clientSecret: 's3cr:et&+ %2F/=~' }
  const access = { scope: 'catalog', resource: 'https://nessie.example.com/' }
  const provider = new Provider(issuer, providerConfiguration(client, access.scope))
  const server = createServer(provider.callback())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const tokenUri = `${issuer}/token`
  return {
    issuer,
    tokenUri,
    ...client,
    ...access,
    token: () => fetchToken(tokenUri, { ...client, ...access }),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

function providerConfiguration(
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  scope: string,
): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    scopes: [scope],
    ttl: { ClientCredentials: TOKEN_LIFETIME_S },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ scope, accessTokenFormat: 'jwt', accessTokenTTL: TOKEN_LIFETIME_S }),
      },
    },
  }
}

async function fetchToken(
  tokenUri: string,
  request: Record<'clientId' | 'clientSecret' | 'scope' | 'resource', string>,
) {
  const { clientId, clientSecret, scope, resource } = request
  const parameters = { client_id: clientId, client_secret: clientSecret, scope, resource }
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters })
  const response = await fetch(tokenUri, { method: 'POST', body })
  if (!response.ok) throw new Error(`No token (${response.status}): ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}
