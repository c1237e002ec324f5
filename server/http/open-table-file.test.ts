import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readFileBytes } from '@/lib/contract/files-bytes'
import { problem } from '@/lib/contract/shapes/problem'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { type SignedInUser, signInAs, createTestHome } from '@/testing/homes/test-home'
import { signFileToken } from '@/server/auth/tokens/file-token'

const home = createTestHome()

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))
let folder: string
let reader: SignedInUser
beforeAll(async () => {
  reader = await signInAs(home.services, 'viewer')
  folder = path.join(home.config.warehouse.slice('file://'.length), 'demo', 't', 'data')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'f.parquet'), bytes)
})

const location = (name = 'f.parquet') => `${home.config.warehouse}/demo/t/data/${name}`
const tokenFor = (change: Partial<Parameters<typeof signFileToken>[1]> = {}, nowMs?: number) =>
  signFileToken(
    home.services,
    {
      identifier: { catalog: 'local', namespace: ['demo'], table: 't' },
      tableUuid: 'b7c2',
      location: location(),
      userId: reader.userId,
      ...change,
    },
    nowMs,
  )

async function requestFile(token: string, headers: Record<string, string> = {}, method = 'GET') {
  const handler = await loadRouteHandler(home.services, readFileBytes, method)
  const request = new Request('http://test/x', { method, headers: { cookie: reader.cookie, ...headers } })
  return handler(request, { params: Promise.resolve({ token }) })
}

const parseProblem = async (response: Response) => problem.parse(await response.json())

describe('a file', () => {
  it('is sent whole', async () => {
    const response = await requestFile(tokenFor())
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=3600, immutable',
      'content-disposition': 'attachment',
      'content-length': '1000',
      'x-content-type-options': 'nosniff',
    })
    expect(sha(await response.arrayBuffer())).toBe(sha(bytes))
  })

  it('is sent in ranges that join to the whole', async () => {
    const parts = await Promise.all(
      ['bytes=0-99', 'bytes=100-898', 'bytes=-101'].map(async (range) => {
        const response = await requestFile(tokenFor(), { range })
        expect(response.status).toBe(206)
        return Buffer.from(await response.arrayBuffer())
      }),
    )
    expect(sha(Buffer.concat(parts))).toBe(sha(bytes))
  })

  it('says where in the file a range is', async () => {
    const { headers } = await requestFile(tokenFor(), { range: 'bytes=990-2000' })
    expect([headers.get('content-range'), headers.get('content-length')]).toEqual(['bytes 990-999/1000', '10'])
  })

  it('has no range beyond its end', async () => {
    const response = await requestFile(tokenFor(), { range: 'bytes=1000-' })
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */1000'])
    expect(await response.json()).toMatchObject({ code: 'range-not-satisfiable', facts: { sizeBytes: 1000 } })
  })

  it('reports its length without its bytes', async () => {
    const response = await requestFile(tokenFor(), {}, 'HEAD')
    expect([response.status, response.headers.get('content-length'), response.body]).toEqual([200, '1000', null])
  })

  it('is not sent again to a browser that has it', async () => {
    const etag = (await requestFile(tokenFor())).headers.get('etag') ?? ''
    expect((await requestFile(tokenFor(), { 'if-none-match': etag })).status).toBe(304)
    expect((await requestFile(tokenFor(), { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
    expect((await requestFile(tokenFor(), { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
  })

  it('is served at its real length, whatever the table says', async () => {
    writeFileSync(path.join(folder, 'short.parquet'), bytes.subarray(0, 400))
    const response = await requestFile(tokenFor({ location: location('short.parquet') }), { range: 'bytes=-100' })
    expect([response.status, response.headers.get('content-range')]).toEqual([206, 'bytes 300-399/400'])
    expect(sha(await response.arrayBuffer())).toBe(sha(bytes.subarray(300, 400)))
  })

  it('that is gone is reported as missing', async () => {
    expect(await parseProblem(await requestFile(tokenFor({ location: location('gone.parquet') })))).toMatchObject({
      code: 'file-missing',
    })
  })
})

describe('a token', () => {
  it('is refused without a session', async () => {
    expect((await requestFile(tokenFor(), { cookie: '' })).status).toBe(401)
  })

  it('is refused for another user, even an admin', async () => {
    const { cookie } = await signInAs(home.services, 'admin')
    expect(await parseProblem(await requestFile(tokenFor(), { cookie }))).toMatchObject({ code: 'forbidden' })
  })

  it('that has expired is refused with its own code', async () => {
    const response = await requestFile(tokenFor({}, Date.now() - 24 * 3_600_000))
    expect([response.status, (await parseProblem(response)).code]).toEqual([410, 'token-expired'])
  })

  it('that was changed is refused', async () => {
    const token = tokenFor()
    expect(
      await parseProblem(await requestFile(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)),
    ).toMatchObject({
      code: 'forbidden',
    })
    expect(await parseProblem(await requestFile(`${token}.png`))).toMatchObject({ code: 'forbidden' })
  })

  it.each([
    ['outside the warehouse', () => 'file:///etc/passwd'],
    ['next to the warehouse', () => `${home.config.warehouse}2/f.parquet`],
    ['above the warehouse', () => `${home.config.warehouse}/../secrets/secret`],
    ['in another scheme', () => 'http://169.254.169.254/latest/meta-data'],
    [
      'behind a symlink',
      () => {
        symlinkSync('/etc/passwd', path.join(folder, 'link.parquet'))
        return location('link.parquet')
      },
    ],
  ])('for a file %s does not open it, even with a valid signature', async (_where, toLocation) => {
    const response = await requestFile(tokenFor({ location: toLocation() }))
    expect(response.status).toBe(403)
  })
})

function sha(data: ArrayBuffer | Buffer): string {
  return createHash('sha256')
    .update(Buffer.from(data as ArrayBuffer))
    .digest('hex')
}
