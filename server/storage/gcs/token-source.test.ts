import { generateKeyPairSync, verify } from 'node:crypto'
import http, { type IncomingMessage } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { GcsStandIn } from '@/testing/stores/gcs-stand-in'
import type { GcsAccess, GcsCredentials } from '../../locations/storage-access'
import { gcsStore } from './gcs-store'

type TokenRequest = { path: string; headers: http.IncomingHttpHeaders; form: URLSearchParams }

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const ACCOUNT = 'reader@acme.iam.gserviceaccount.com'

let gcs: GcsStandIn
let endpoint: string
/** Issues tokens, both as a token server for keys and as the metadata server of a machine. */
let google: http.Server
let googleUri: string
let tokenRequests: TokenRequest[]
let reply: { status: number; body: string; headers?: Record<string, string> }

beforeEach(async () => {
  gcs = new GcsStandIn()
  gcs.objects.set('lake/a', Buffer.from('x'))
  gcs.token = 't1'
  endpoint = await gcs.start()
  tokenRequests = []
  reply = grant('t1')
  google = http.createServer((request, response) => {
    void bodyOf(request).then((body) => {
      tokenRequests.push({ path: request.url ?? '', headers: request.headers, form: new URLSearchParams(body) })
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(reply.body)
    })
  })
  await new Promise<void>((resolve) => void google.listen(0, '127.0.0.1', resolve))
  googleUri = `http://127.0.0.1:${(google.address() as AddressInfo).port}`
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await gcs.stop()
  google.closeAllConnections()
  await new Promise((resolve) => void google.close(resolve))
})

const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })
const openStore = (credentials: GcsCredentials, overrides: Partial<GcsAccess> = {}) =>
  gcsStore({ kind: 'gcs', roots: ['gs://lake'], endpoint, credentials, ...overrides }, { firstPauseMs: 1 })
const read = (credentials: GcsCredentials) => openStore(credentials).read('gs://lake/a')

describe('The key of a service account', () => {
  const account = (change: object = {}): GcsCredentials => ({
    kind: 'service-account',
    serviceAccountKey: JSON.stringify({
      type: 'service_account',
      client_email: ACCOUNT,
      private_key_id: 'key-1',
      private_key: privateKey,
      token_uri: `${googleUri}/token`,
      ...change,
    }),
  })

  test.each([
    [true, 'devstorage.read_only'],
    [false, 'devstorage.read_write'],
  ])(
    'is exchanged for a token, which is cached and has the smallest scope (read only: %j)',
    async (isReadOnly, scope) => {
      const store = openStore(account(), { isReadOnly })
      await store.read('gs://lake/a')
      await store.read('gs://lake/a')
      expect(tokenRequests).toHaveLength(1)
      expect(tokenRequests[0]?.form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
      const [header = '', claims = '', signature = ''] = tokenRequests[0]?.form.get('assertion')?.split('.') ?? []
      expect(decoded(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })
      const { iat, ...said } = decoded(claims)
      expect(said).toEqual({
        iss: ACCOUNT,
        scope: `https://www.googleapis.com/auth/${scope}`,
        aud: `${googleUri}/token`,
        exp: Number(iat) + 3_600,
      })
      const signed = Buffer.from(`${header}.${claims}`)
      expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    },
  )

  test('requests another token once the store refuses the current one', async () => {
    const store = openStore(account())
    await store.read('gs://lake/a')
    gcs.token = 't2'
    reply = grant('t2')
    await expect(store.read('gs://lake/a')).rejects.toThrow(errorWithCode('forbidden'))
    expect(await store.read('gs://lake/a')).toHaveLength(1)
    expect(tokenRequests).toHaveLength(2)
  })

  test.each([
    ['not JSON', 'top&secret'],
    ['without a key', JSON.stringify({ client_email: ACCOUNT, token_uri: 'https://a.example' })],
    [
      'an invalid key',
      JSON.stringify({ client_email: ACCOUNT, private_key: 'top&secret', token_uri: 'https://a.example' }),
    ],
    ['of a user', JSON.stringify({ type: 'authorized_user', refresh_token: 'top&secret' })],
    [
      'for another kind of server',
      JSON.stringify({ client_email: ACCOUNT, private_key: privateKey, token_uri: 'file:///etc' }),
    ],
  ])('that is invalid (%s) is refused without repeating it', async (_what, serviceAccountKey) => {
    const error: unknown = await read({ kind: 'service-account', serviceAccountKey }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'forbidden', message: expect.stringContaining('service account key') })
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toMatch(/secret|BEGIN/)
    expect(gcs.received).toEqual([])
  })

  test.each([
    [{ status: 400, body: '{"error":"invalid_grant","error_description":"top&secret"}' }, 'forbidden'],
    [{ status: 503, body: '' }, 'storage-unavailable'],
    [{ status: 302, body: '', headers: { location: 'http://169.254.169.254/' } }, 'storage-unavailable'],
    [{ status: 200, body: 'top&secret' }, 'storage-unavailable'],
    [{ status: 200, body: '{"access_token":1}' }, 'storage-unavailable'],
  ])('maps the token server’s answer %j to a problem', async (given, expected) => {
    reply = given
    const error: unknown = await read(account()).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining('The token server at 127.0.0.1') })
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('top&secret')
  })

  test('is never sent to an address of a metadata server', async () => {
    await expect(read(account({ token_uri: 'http://169.254.169.254/token' }))).rejects.toThrow(
      errorWithCode('forbidden'),
    )
  })
})

describe('A vended token', () => {
  test('is sent unchanged until it expires', async () => {
    expect(await read({ kind: 'bearer', token: 't1', expiresAtMs: Date.now() + 60_000 })).toHaveLength(1)
    await expect(read({ kind: 'bearer', token: 't1', expiresAtMs: Date.now() - 1 })).rejects.toThrow('have expired')
    await expect(read({ kind: 'bearer', token: 'other' })).rejects.toThrow('does not accept the credentials')
    await expect(read({ kind: 'bearer', token: 't1\r\nx: y' })).rejects.toThrow('is not valid')
  })
})

describe('The machine’s own credentials', () => {
  beforeEach(() => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
    vi.stubEnv('HOME', '/none')
    vi.stubEnv('GCE_METADATA_HOST', new URL(googleUri).host)
  })

  test('are found as Google’s tools find them, for example at the metadata server, and are cached', async () => {
    const store = openStore({ kind: 'machine' })
    reply = { ...grant('t1'), headers: { 'metadata-flavor': 'Google' } }
    await store.read('gs://lake/a')
    const before = tokenRequests.length
    await store.read('gs://lake/a')
    expect(tokenRequests).toHaveLength(before)
    const token = tokenRequests.find(({ path }) =>
      path.startsWith('/computeMetadata/v1/instance/service-accounts/default/token'),
    )
    expect(token?.headers['metadata-flavor']).toBe('Google')
  })

  test('are reported as missing when there are none', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/none/key.json')
    const error: unknown = await read({ kind: 'machine' }).catch((e: unknown) => e)
    expect(error).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('No credentials for this storage were found'),
    })
    expect(gcs.received).toEqual([])
  })

  test('from an unreadable file are not repeated in the error', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'gcs-key-'))
    const file = path.join(folder, 'key.json')
    await writeFile(file, 'top&secret')
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file)
    const error: unknown = await read({ kind: 'machine' }).catch((e: unknown) => e)
    await rm(folder, { recursive: true })
    expect(error).toMatchObject({ code: 'forbidden', cause: { message: 'SyntaxError' } })
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('secret')
  })
})

function grant(token: string) {
  return { status: 200, body: JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3_599 }) }
}

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
