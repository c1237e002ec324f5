import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWTPayload } from 'jose'
import { createSigningKey, type SigningKey } from './signing-key'

type Answer = (response: ServerResponse) => unknown

/** An identity provider with the answers of a test, to show the effect of a wrong or hostile answer. */
export type ForgedProvider = {
  issuer: string
  key: SigningKey
  /** The JSON of each path, which a test replaces; a path without an answer is a 404. */
  answers: Map<string, Answer>
  /** How often each path was requested. */
  requestCounts: Map<string, number>
  /** The claims of a correct token for this audience. */
  claimsFor(audience: string, claims?: Readonly<Record<string, unknown>>): JWTPayload
  /** Restores the correct answers. */
  reset(): void
  stop(): Promise<void>
}

export async function startForgedProvider(): Promise<ForgedProvider> {
  const key = await createSigningKey('forged-key')
  const answers: ForgedProvider['answers'] = new Map()
  const requestCounts: ForgedProvider['requestCounts'] = new Map()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://here.invalid')
    requestCounts.set(pathname, (requestCounts.get(pathname) ?? 0) + 1)
    const answer = answers.get(pathname)
    response.statusCode = answer ? 200 : 404
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer?.(response) ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const reset = () => {
    answers.clear()
    answers.set('/.well-known/openid-configuration', () => discoveryDocument(issuer))
    answers.set('/jwks', () => ({ keys: [key.publicJwk] }))
  }
  reset()
  return {
    issuer,
    key,
    answers,
    requestCounts,
    claimsFor: (audience, claims) => {
      const nowSeconds = Math.floor(Date.now() / 1000)
      return { iss: issuer, aud: audience, sub: 'forged', iat: nowSeconds, exp: nowSeconds + 300, ...claims }
    },
    reset,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export function discoveryDocument(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}
