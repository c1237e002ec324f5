import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AzureStandIn, SAS } from '@/testing/stores/azure-stand-in'
import type { AzureCredentials } from '../../locations/storage-access'
import { azureStore } from './azure-store'
import { blobUrl } from './blob-url'

const ROOT = 'abfss://lake@acme.dfs.core.windows.net'
const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

let azure: AzureStandIn
let endpoint: string

beforeEach(async () => {
  azure = new AzureStandIn()
  endpoint = await azure.start()
  azure.objects.set('lake/a', Buffer.from('x'))
})
afterEach(() => azure.stop())

const openStore = (credentials: AzureCredentials) =>
  azureStore({ kind: 'azure', roots: [ROOT], endpoint, credentials }, { firstPauseMs: 1 })
const read = (credentials: AzureCredentials) => openStore(credentials).read(`${ROOT}/a`)

describe('A shared access signature', () => {
  beforeEach(() => {
    azure.acceptsSas = true
  })

  test.each([SAS, `?${SAS}`])('is sent with every request: %s', async (token) => {
    const store = openStore({ kind: 'sas', token })
    await store.writeNew(`${ROOT}/b`, new Uint8Array(1))
    expect(await store.listNames(ROOT, { limit: 2 })).toEqual(['a', 'b'])
    expect(azure.received.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  })

  test('is used until it expires', async () => {
    await read({ kind: 'sas', token: SAS, expiresAtMs: Date.now() + 60_000 })
    await expect(read({ kind: 'sas', token: SAS, expiresAtMs: Date.now() - 1 })).rejects.toThrow('expired')
    expect(azure.received).toHaveLength(1)
  })

  test.each(['', 'sp=r', `${SAS}&comp=list`, `${SAS}&snapshot=x`, 'DefaultEndpointsProtocol=https;AccountKey=a'])(
    'is refused when it contains anything else: %j',
    (token) => {
      expect(() => openStore({ kind: 'sas', token })).toThrow(errorWithCode('forbidden'))
    },
  )

  test('appears in no error', async () => {
    azure.acceptsSas = false
    const error: unknown = await read({ kind: 'sas', token: SAS }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'forbidden' })
    expect(`${String(error)} ${String((error as Error).cause)} ${JSON.stringify(error)}`).not.toContain('sig=')
  })
})

describe('A token', () => {
  test('is sent with every request', async () => {
    azure.token = 'abc'
    expect(await read({ kind: 'bearer', token: 'abc' })).toHaveLength(1)
    await expect(read({ kind: 'bearer', token: 'abd' })).rejects.toThrow(errorWithCode('forbidden'))
  })

  test('that is malformed is neither sent nor repeated', async () => {
    const error: unknown = await read({ kind: 'bearer', token: 'top\nsecret' }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'forbidden' })
    expect(String(error)).not.toContain('secret')
    expect(azure.received).toEqual([])
  })
})

describe('A client secret', () => {
  type Reply = { status: number; body: string; location?: string }
  let entra: http.Server
  let authority: string
  let reply: Reply
  let tokenRequests: { url: string | undefined; form: Record<string, string> }[]

  const grant = (token: string) => ({ status: 200, body: `{"access_token":"${token}","expires_in":3600}` })

  beforeEach(async () => {
    tokenRequests = []
    reply = grant('t1')
    entra = http.createServer((request, response) => {
      void formOf(request).then((form) => {
        tokenRequests.push({ url: request.url, form })
        response.writeHead(reply.status, reply.location === undefined ? {} : { location: reply.location })
        response.end(reply.body)
      })
    })
    await new Promise<void>((resolve) => void entra.listen(0, '127.0.0.1', resolve))
    authority = `http://127.0.0.1:${(entra.address() as AddressInfo).port}`
    azure.token = 't1'
  })
  afterEach(async () => {
    entra.closeAllConnections()
    await new Promise((resolve) => void entra.close(resolve))
  })

  const credentials = () =>
    ({
      kind: 'client-secret',
      tenantId: 'ten/ant',
      clientId: 'app',
      clientSecret: 'top&secret',
      authority,
    }) as const

  test('is exchanged once for a token that serves many requests', async () => {
    const store = openStore(credentials())
    await Promise.all(Array.from({ length: 5 }, () => store.read(`${ROOT}/a`)))
    expect(tokenRequests).toEqual([
      {
        url: '/ten%2Fant/oauth2/v2.0/token',
        form: {
          grant_type: 'client_credentials',
          client_id: 'app',
          client_secret: 'top&secret',
          scope: 'https://storage.azure.com/.default',
        },
      },
    ])
    expect(JSON.stringify(azure.received)).not.toContain('top')
  })

  test('is exchanged again once the store refuses its token', async () => {
    const store = openStore(credentials())
    await store.read(`${ROOT}/a`)
    azure.token = 't2'
    reply = grant('t2')
    azure.faults.push({ kind: 'answer', status: 401, code: 'InvalidAuthenticationInfo' })
    await expect(store.read(`${ROOT}/a`)).rejects.toThrow(errorWithCode('forbidden'))
    expect(await store.read(`${ROOT}/a`)).toHaveLength(1)
    expect(tokenRequests).toHaveLength(2)
  })

  test.each([
    [{ status: 401, body: '{"error":"invalid_client","error_description":"top&secret"}' }, 'forbidden'],
    [{ status: 400, body: '' }, 'forbidden'],
    [{ status: 503, body: '' }, 'storage-unavailable'],
    [{ status: 302, body: '', location: 'http://169.254.169.254/' }, 'storage-unavailable'],
    [{ status: 200, body: 'top&secret' }, 'storage-unavailable'],
    [{ status: 200, body: '{"access_token":1}' }, 'storage-unavailable'],
  ])('maps the token server’s answer %j to a problem', async (given, expected) => {
    reply = given
    const error: unknown = await read(credentials()).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining('The token server at 127.0.0.1') })
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('top&secret')
    expect(azure.received).toEqual([])
  })

  test('is sent nowhere when the token server does not answer', async () => {
    entra.closeAllConnections()
    await new Promise((resolve) => void entra.close(resolve))
    await expect(read(credentials())).rejects.toThrow('does not answer')
    await expect(read({ ...credentials(), authority: 'http://169.254.169.254' })).rejects.toThrow(
      errorWithCode('forbidden'),
    )
  })
})

test('Blob URLs point at the account’s cloud unless an endpoint is set', () => {
  const blob = { bucket: 'lake', key: 'a/b c' }
  const addressOf = (endpoint: string | null, cloud = 'core.windows.net') =>
    blobUrl(endpoint, { account: 'acme', cloud }, blob, [['comp', 'list']]).href
  expect(addressOf(null)).toBe('https://acme.blob.core.windows.net/lake/a/b%20c?comp=list')
  expect(addressOf(null, 'core.usgovcloudapi.net')).toBe(
    'https://acme.blob.core.usgovcloudapi.net/lake/a/b%20c?comp=list',
  )
  expect(addressOf('http://127.0.0.1:10000/acme/')).toBe('http://127.0.0.1:10000/acme/lake/a/b%20c?comp=list')
})

async function formOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
}
