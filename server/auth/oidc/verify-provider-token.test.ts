import { SignJWT, type JWTPayload, UnsecuredJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { discoveryDocument, type ForgedProvider, startForgedProvider } from '@/testing/oidc/forged-provider'
import { createSigningKey } from '@/testing/oidc/signing-key'
import { linkIdentity } from '@/server/db/auth/identities'
import { disableUser, enableUser } from '@/server/db/auth/users'
import { authenticateBearer, verifyBearer } from '../authenticate-bearer'
import { IdentityProvider } from './identity-provider'

/** Access tokens of the identity provider as engines present them, and every way in which one may be wrong. */

const AUDIENCE = 'engines'
const settings: Record<string, string> = {
  LAKESHORE_OIDC_CLIENT_ID: 'console',
  LAKESHORE_OIDC_AUDIENCES: AUDIENCE,
  LAKESHORE_OIDC_CREATES_USERS: 'false',
}
let provider: ForgedProvider
beforeAll(async () => {
  provider = await startForgedProvider()
  settings['LAKESHORE_OIDC_ISSUER'] = provider.issuer
})
afterAll(() => provider.stop())
const home = createTestHome(settings)

let user: { userId: string; username: string }
let address = ''
let addressCount = 0
beforeAll(async () => {
  user = await signInAs(home.services, 'editor')
  await linkIdentity(home.database, user.userId, { issuer: provider.issuer, subject: 'forged' })
})
beforeEach(() => {
  provider.reset()
  // Each test has a separate pause for wrong tokens.
  addressCount += 1
  address = `203.0.113.${addressCount}`
})

const authenticate = (token: string, services = home.services) =>
  authenticateBearer(services, {
    headers: new Headers({ authorization: `Bearer ${token}`, 'x-forwarded-for': address }),
  })
const sign = (claims: Record<string, unknown> = {}, header?: Record<string, unknown>) =>
  provider.key.sign(provider.claimsFor(AUDIENCE, claims), header)
const nowSeconds = () => Math.floor(Date.now() / 1000)
const refused = { code: 'unauthenticated', message: 'A valid bearer token is required.' }

/** A provider that has not read anything yet. */
const freshServices = () => ({
  ...home.services,
  identityProvider: home.config.oidc && new IdentityProvider(home.config.oidc, home.services),
})

describe('A token of the provider', () => {
  it.each([['at+jwt'], ['application/at+jwt'], ['JWT'], [undefined]])(
    'with the type %s acts for the user with its subject',
    async (typ) => {
      const actor = await authenticate(await sign({}, { typ }))
      expect(actor).toMatchObject({ userId: user.userId, role: 'editor', via: { token: provider.issuer.slice(7) } })
    },
  )

  it('for several audiences is accepted when ours is one of them', async () => {
    expect(await authenticate(await sign({ aud: ['others', AUDIENCE] }))).toMatchObject({ userId: user.userId })
  })

  it('may differ from our clock by half a minute', async () => {
    const token = await sign({ exp: nowSeconds() - 20, nbf: nowSeconds() + 20, iat: nowSeconds() + 20 })
    expect(await authenticate(token)).toMatchObject({ userId: user.userId })
  })

  it('is refused while its user is disabled, and a caller who stays has ended', async () => {
    const token = await sign()
    const headers = new Headers({ authorization: `Bearer ${token}`, 'x-forwarded-for': address })
    const caller = await verifyBearer(home.services, { headers })
    expect(await caller.refresh()).toMatchObject({ userId: user.userId })
    await disableUser(home.database, user.userId)
    await expect(authenticate(token)).rejects.toMatchObject(refused)
    expect(await caller.refresh()).toBeNull()
    await enableUser(home.database, user.userId)
    expect(await authenticate(token)).toMatchObject({ userId: user.userId })
  })
})

describe('A token is refused, in the same words,', () => {
  const hs256 = (claims: JWTPayload, secret: string) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'forged-key' }).sign(new TextEncoder().encode(secret))

  it.each<[string, () => Promise<string>]>([
    ['of another issuer', () => sign({ iss: 'https://elsewhere.example' })],
    ['of an issuer that differs by a slash', () => sign({ iss: `${provider.issuer}/` })],
    ['without an issuer', () => sign({ iss: undefined })],
    ['for another audience', () => sign({ aud: 'others' })],
    ['without an audience', () => sign({ aud: undefined })],
    ['that has expired', () => sign({ exp: nowSeconds() - 60 })],
    ['that never expires', () => sign({ exp: undefined })],
    ['that is not valid yet', () => sign({ nbf: nowSeconds() + 120 })],
    ['of a later time than clocks differ', () => sign({ iat: nowSeconds() + 120 })],
    ['of a time that is not a number', () => sign({ iat: 'now' })],
    ['without a subject', () => sign({ sub: undefined })],
    ['with an empty subject', () => sign({ sub: '' })],
    ['of a subject that is nobody here', () => sign({ sub: 'stranger' })],
    [
      'of a person whose username is the one of a user',
      () => sign({ sub: 'stranger', preferred_username: user.username }),
    ],
    ['that is an ID token', () => sign({ nonce: 'n' }, { typ: 'JWT' })],
    ['that Keycloak marks as a refresh token', () => sign({ typ: 'Refresh' })],
    ['with the type of a logout token', () => sign({}, { typ: 'logout+jwt' })],
    ['without a signature', async () => new UnsecuredJWT(provider.claimsFor(AUDIENCE)).encode()],
    [
      'signed with the public key as a secret',
      () => hs256(provider.claimsFor(AUDIENCE), JSON.stringify(provider.key.publicJwk)),
    ],
    [
      'signed with the secret of the client',
      () => hs256(provider.claimsFor(AUDIENCE), 'console-secret-of-32-characters!'),
    ],
    [
      'of another key with the same id',
      async () => (await createSigningKey('forged-key')).sign(provider.claimsFor(AUDIENCE)),
    ],
    [
      'that brings its own key',
      async () => {
        const own = await createSigningKey('own')
        return own.sign(provider.claimsFor(AUDIENCE), { jwk: own.publicJwk, jku: 'https://elsewhere.example/jwks' })
      },
    ],
    [
      'with claims that were changed',
      async () => {
        const [header, , signature] = (await sign()).split('.')
        const claims = provider.claimsFor(AUDIENCE, { sub: 'forged', role: 'admin' })
        return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
      },
    ],
    ['with a header that is no JSON', async () => `x.${(await sign()).split('.').slice(1).join('.')}`],
  ])('%s', async (_, createToken) => {
    await expect(authenticate(await createToken())).rejects.toMatchObject(refused)
  })
})

describe('Keys of the provider', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('that are new are found half a minute after the keys were last read', async () => {
    const services = freshServices()
    await authenticate(await sign(), services)
    const next = await createSigningKey('next-key')
    const token = await next.sign(provider.claimsFor(AUDIENCE))
    provider.answers.set('/jwks', () => ({ keys: [provider.key.publicJwk, next.publicJwk] }))
    await expect(authenticate(token, services)).rejects.toMatchObject(refused)
    vi.useFakeTimers({ now: Date.now() + 31_000, toFake: ['Date'] })
    expect(await authenticate(token, services)).toMatchObject({ userId: user.userId })
  })

  it('are not read again for each token with an unknown one', async () => {
    const services = freshServices()
    expect(await authenticate(await sign(), services)).toMatchObject({ userId: user.userId })
    const countBefore = provider.requestCounts.get('/jwks')
    const other = await createSigningKey('unknown')
    const claims = provider.claimsFor(AUDIENCE)
    for (let i = 0; i < 5; i += 1) {
      await expect(authenticate(await other.sign(claims), services)).rejects.toMatchObject(refused)
    }
    expect(provider.requestCounts.get('/jwks')).toBe(countBefore)
  })

  it('that cannot be read are a problem of the provider, and are asked for once in a while', async () => {
    provider.answers.delete('/jwks')
    const services = freshServices()
    const token = await sign()
    const countBefore = provider.requestCounts.get('/jwks') ?? 0
    for (let i = 0; i < 5; i += 1) {
      await expect(authenticate(token, services)).rejects.toMatchObject({ code: 'identity-provider-unavailable' })
    }
    expect((provider.requestCounts.get('/jwks') ?? 0) - countBefore).toBe(1)
  })

  it.each([
    'http://169.254.169.254/keys',
    'https://169.254.169.254/keys',
    'https://127.0.0.1:9/keys',
    'http://localhost:9/keys',
  ])('are not fetched from %s, which only the document of the provider names', async (keysAddress) => {
    provider.answers.set('/.well-known/openid-configuration', () => ({
      ...discoveryDocument(provider.issuer),
      jwks_uri: keysAddress,
    }))
    const failure = authenticate(await sign(), freshServices())
    await expect(failure).rejects.toMatchObject({ code: 'identity-provider-unavailable' })
    await expect(failure).rejects.not.toThrow(/169|localhost|127/)
  })

  it('of another issuer in the document are not used', async () => {
    provider.answers.set('/.well-known/openid-configuration', () => ({
      ...discoveryDocument(provider.issuer),
      issuer: 'https://elsewhere.example',
    }))
    await expect(authenticate(await sign(), freshServices())).rejects.toMatchObject({
      code: 'identity-provider-unavailable',
    })
  })
})

it('Wrong signatures are limited per address, and correct tokens from there are still accepted', async () => {
  const other = await createSigningKey('forged-key')
  const forged = await other.sign(provider.claimsFor(AUDIENCE))
  for (let i = 0; i < 20; i += 1) await expect(authenticate(forged)).rejects.toMatchObject(refused)
  await expect(authenticate(forged)).rejects.toMatchObject({ code: 'too-many-requests' })
  expect(await authenticate(await sign())).toMatchObject({ userId: user.userId })
})

it('Without an audience in the settings, no token of the provider is accepted', async () => {
  const { oidc } = home.config
  if (!oidc) throw new Error('The settings name a provider.')
  const identityProvider = new IdentityProvider({ ...oidc, audiences: [] }, home.services)
  await expect(authenticate(await sign(), { ...home.services, identityProvider })).rejects.toMatchObject(refused)
})
