import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { discoveryDocument, type ForgedProvider, startForgedProvider } from '@/testing/oidc/forged-provider'
import { createSigningKey } from '@/testing/oidc/signing-key'
import { listUsers } from '@/server/db/auth/users'
import { IdentityProvider, type SignInAttempt } from './identity-provider'
import { signInWithProvider } from './sign-in-with-provider'
import { toSignInRefusal } from './to-sign-in-refusal'

/** Sign-ins when the provider, or an attacker in between, answers wrongly. */

const CLIENT = 'console'
const SECRET = 'the secret of the console, 32 chars'
const settings: Record<string, string> = {
  LAKESHORE_OIDC_CLIENT_ID: CLIENT,
  LAKESHORE_OIDC_CLIENT_SECRET: SECRET,
  LAKESHORE_OIDC_ROLE: 'viewer',
}
let forged: ForgedProvider
beforeAll(async () => {
  forged = await startForgedProvider()
  settings['LAKESHORE_OIDC_ISSUER'] = forged.issuer
})
afterAll(() => forged.stop())
const home = createTestHome(settings)
let provider: IdentityProvider
let attempt: SignInAttempt
beforeEach(() => {
  forged.reset()
  const { oidc } = home.config
  if (!oidc) throw new Error('The settings name a provider.')
  provider = new IdentityProvider(oidc, home.services)
  attempt = provider.createAttempt()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Lets the token endpoint answer with this ID token. */
function answerToken(idToken: string | undefined) {
  forged.answers.set('/token', () => ({ access_token: 'opaque', token_type: 'Bearer', id_token: idToken }))
}

const claims = (others: Record<string, unknown> = {}) =>
  forged.claimsFor(CLIENT, { nonce: attempt.nonce, preferred_username: 'ada', name: 'Ada', groups: [], ...others })
const sign = (others: Record<string, unknown> = {}) => forged.key.sign(claims(others), { typ: 'JWT' })

function complete(search = `?${new URLSearchParams({ code: 'a-code', state: attempt.state })}`) {
  return signInWithProvider(home.services, provider, { search, attempt, address: '203.0.113.1', requestId: 'r-1' })
}

it('A correct answer opens a session', async () => {
  answerToken(await sign())
  await expect(complete()).resolves.toMatchObject({ sessionId: expect.stringMatching(/^[\w-]{32}$/) })
})

it('The secret of the client is sent to the token endpoint only, and what was asked for is in the address', async () => {
  const address = await provider.authorizationUrl(attempt)
  expect(Object.fromEntries(address.searchParams)).toMatchObject({
    client_id: CLIENT,
    response_type: 'code',
    code_challenge_method: 'S256',
    state: attempt.state,
    nonce: attempt.nonce,
  })
  expect(address.href).not.toContain(attempt.verifier)
  expect(address.href).not.toContain('secret')
})

it('Sixteen people come back at once at most', async () => {
  answerToken(await sign())
  const outcomes = await Promise.allSettled(Array.from({ length: 17 }, () => complete()))
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(['too-many-requests'])
})

describe('An ID token is refused', () => {
  it.each<[string, () => Promise<string | undefined>]>([
    ['with the nonce of another sign-in', () => sign({ nonce: 'another' })],
    ['without a nonce', () => sign({ nonce: undefined })],
    ['of another issuer', () => sign({ iss: 'https://elsewhere.example' })],
    ['for another client', () => sign({ aud: 'others' })],
    ['for several clients, of which another asked for it', () => sign({ aud: [CLIENT, 'others'], azp: 'others' })],
    ['that has expired', () => sign({ exp: Math.floor(Date.now() / 1000) - 60 })],
    ['of a later time than clocks differ', () => sign({ iat: Math.floor(Date.now() / 1000) + 3_600 })],
    ['that never expires', () => sign({ exp: undefined })],
    ['without a subject', () => sign({ sub: undefined })],
    ['of another key', async () => (await createSigningKey('forged-key')).sign(claims(), { typ: 'JWT' })],
    ['without a signature', async () => new UnsecuredJWT(claims()).encode()],
    [
      'signed with the secret of the client',
      () => new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET)),
    ],
    ['that is missing', async () => undefined],
    ['that is not a token', async () => 'a.b.c'],
  ])('%s', async (_, createToken) => {
    answerToken(await createToken())
    const userCount = (await listUsers(home.database)).length
    await expect(complete()).rejects.toMatchObject({ code: 'response-invalid' })
    expect(await listUsers(home.database)).toHaveLength(userCount)
  })
})

describe('Claims', () => {
  it('that the ID token does not have are those of the user information', async () => {
    answerToken(await sign({ sub: 'u-1', preferred_username: undefined }))
    forged.answers.set('/userinfo', () => ({ sub: 'u-1', preferred_username: 'from-userinfo' }))
    await complete()
    expect((await listUsers(home.database)).map(({ username }) => username)).toContain('from-userinfo')
  })

  it('that are nowhere make no user', async () => {
    answerToken(await sign({ sub: 'u-4', preferred_username: undefined }))
    forged.answers.set('/userinfo', () => ({ sub: 'u-4' }))
    const userCount = (await listUsers(home.database)).length
    await expect(complete()).rejects.toMatchObject({ code: 'claims-missing' })
    expect(await listUsers(home.database)).toHaveLength(userCount)
  })

  it('of another person in the user information are refused', async () => {
    answerToken(await sign({ sub: 'u-2', preferred_username: undefined }))
    forged.answers.set('/userinfo', () => ({ sub: 'another-user', preferred_username: 'boss' }))
    await expect(complete()).rejects.toMatchObject({ code: 'response-invalid' })
  })

  it('with more groups than Lakeshore accepts are refused, also when the provider leaves them out', async () => {
    answerToken(await sign({ sub: 'u-3', groups: Array.from({ length: 201 }, (_, i) => `group-${i}`) }))
    await expect(complete()).rejects.toMatchObject({ code: 'too-many-groups' })
    const elsewhere = { _claim_names: { groups: 'src1' }, groups: undefined }
    answerToken(await sign({ sub: 'u-3', ...elsewhere }))
    forged.answers.set('/userinfo', () => ({ sub: 'u-3' }))
    await expect(complete()).rejects.toMatchObject({ code: 'too-many-groups' })
  })
})

describe('A provider that fails', () => {
  const startUrl = () =>
    provider.authorizationUrl(attempt).catch((error: unknown) => {
      throw toSignInRefusal(error)
    })

  it.each<[string, () => void]>([
    [
      'with an error',
      () =>
        forged.answers.set('/token', (response) => {
          response.statusCode = 503
        }),
    ],
    [
      'with a response that is too long',
      () => forged.answers.set('/token', () => ({ access_token: 'x'.repeat(600 * 1024), token_type: 'Bearer' })),
    ],
  ])('%s is unavailable', async (_, fail) => {
    fail()
    await expect(complete()).rejects.toMatchObject({ code: 'provider-unavailable' })
  })

  it('with a redirect is not followed', async () => {
    forged.answers.set('/.well-known/openid-configuration', (response) => {
      response.statusCode = 302
      response.setHeader('location', `${forged.issuer}/elsewhere`)
    })
    await expect(startUrl()).rejects.toMatchObject({ code: 'response-invalid' })
    expect(forged.requestCounts.get('/elsewhere')).toBeUndefined()
  })

  it.each(['http://169.254.169.254/token', 'https://127.0.0.1:9/token', 'https://[::ffff:10.0.0.1]/token'])(
    'and names %s gets no code of ours there',
    async (address) => {
      forged.answers.set('/.well-known/openid-configuration', () => ({
        ...discoveryDocument(forged.issuer),
        token_endpoint: address,
      }))
      await expect(complete()).rejects.toMatchObject({ code: 'response-invalid' })
    },
  )

  it('with a document of another issuer is refused', async () => {
    forged.answers.set('/.well-known/openid-configuration', () => discoveryDocument('https://elsewhere.example'))
    await expect(startUrl()).rejects.toMatchObject({ code: 'response-invalid' })
  })

  it('explains itself to the log only, without control characters', async () => {
    const search = new URLSearchParams({ state: attempt.state, error: 'server_error', error_description: 'a\nb' })
    await expect(complete(`?${search}`)).rejects.toMatchObject({
      code: 'provider-refused',
      message: expect.not.stringContaining('\n'),
    })
  })

  it('stays in use as it was known while its document cannot be read again', async () => {
    await provider.authorizationUrl(attempt)
    const countBefore = forged.requestCounts.get('/.well-known/openid-configuration') ?? 0
    forged.answers.delete('/.well-known/openid-configuration')
    vi.useFakeTimers({ now: Date.now() + 7_200_000, toFake: ['Date'] })
    for (let i = 0; i < 3; i += 1) await expect(provider.authorizationUrl(attempt)).resolves.toBeInstanceOf(URL)
    expect(forged.requestCounts.get('/.well-known/openid-configuration')).toBe(countBefore + 1)
  })

  it('because nothing listens there is unavailable', async () => {
    const { settings: own } = provider
    provider = new IdentityProvider({ ...own, issuer: await findClosedAddress() }, home.services)
    await expect(startUrl()).rejects.toMatchObject({ code: 'provider-unavailable' })
  })
})

/** An address at which something listened before. */
async function findClosedAddress(): Promise<string> {
  const closed = await startForgedProvider()
  await closed.stop()
  return closed.issuer
}
