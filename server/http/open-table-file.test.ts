import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readDeleteFileBytes, readFileBytes } from '@/lib/contract/table/files-bytes'
import { getNullShares, listPlannedFiles } from '@/lib/contract/table/scan'
import { problem } from '@/lib/contract/shapes/problem'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { type SignedInUser, signInAs, createTestHome } from '@/testing/homes/test-home'
import { addDeleteFiles } from '@/testing/catalogs/add-delete-files'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { createTableOfFiles, type TableOfFiles } from '@/testing/catalogs/table-of-files'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { signPlanToken } from '@/server/auth/tokens/plan-token'

const home = createTestHome()

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))
let folder: string
let reader: SignedInUser
beforeAll(async () => {
  reader = await signInAs(home.services, 'viewer')
  folder = path.join(home.config.warehouse.slice('file://'.length), 'demo', 't', 'data')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'f.parquet'), bytes)
  symlinkSync('/etc/passwd', path.join(folder, 'link.parquet'))
  const locations = NAMES.map((name) => (isRefused(name) ? REFUSED[name]() : locationOf(name)))
  table = await createTable('t', locations)
})

const isRefused = (name: string): name is keyof typeof REFUSED => Object.hasOwn(REFUSED, name)

const locationOf = (name: string) => `${home.config.warehouse}/demo/t/data/${name}`
const REFUSED = {
  'outside the warehouse': () => 'file:///etc/passwd',
  'next to the warehouse': () => `${home.config.warehouse}2/f.parquet`,
  'above the warehouse': () => `${home.config.warehouse}/../secrets/secret`,
  'in another scheme': () => 'http://169.254.169.254/latest/meta-data',
  'behind a symlink': () => locationOf('link.parquet'),
}
const NAMES = ['f.parquet', 'short.parquet', 'gone.parquet', ...Object.keys(REFUSED)]

let table: TableOfFiles
const tokenFor = (nowMs?: number) => table.signToken(reader.userId, nowMs)

/** A table whose delete files have the same locations as its data files. */
async function createTable(name: string, locations: readonly string[]): Promise<TableOfFiles> {
  const created = await createTableOfFiles(home.services, name, locations)
  const deletes = locations.map((location) => sampleDataFile(location, { content: 'position-deletes' }))
  await addDeleteFiles(home.services, created.identifier, deletes)
  return created
}

let endpoint: typeof readFileBytes | typeof readDeleteFileBytes = readFileBytes
type FileRequest = { name?: string; token?: string; method?: string }

function requestFile(headers: Record<string, string> = {}, { name = 'f.parquet', token, method }: FileRequest = {}) {
  return requestIndex(String(NAMES.indexOf(name)), headers, { token, method })
}

async function requestIndex(
  index: string,
  headers: Record<string, string> = {},
  { token = tokenFor(), method = 'GET' }: { token?: string | undefined; method?: string | undefined } = {},
) {
  const handler = await loadRouteHandler(home.services, endpoint, method)
  const request = new Request('http://test/x', { method, headers: { cookie: reader.cookie, ...headers } })
  return handler(request, { params: Promise.resolve({ token, index }) })
}

const parseProblem = async (response: Response) => problem.parse(await response.json())

describe.each([
  ['data', readFileBytes],
  ['delete', readDeleteFileBytes],
] as const)('of the %s files of a scan', (kind, readBytes) => {
  beforeAll(() => {
    endpoint = readBytes
  })

  describe('a file', () => {
    it('is sent whole', async () => {
      const response = await requestFile()
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
          const response = await requestFile({ range })
          expect(response.status).toBe(206)
          return Buffer.from(await response.arrayBuffer())
        }),
      )
      expect(sha(Buffer.concat(parts))).toBe(sha(bytes))
    })

    it('says where in the file a range is', async () => {
      const { headers } = await requestFile({ range: 'bytes=990-2000' })
      expect([headers.get('content-range'), headers.get('content-length')]).toEqual(['bytes 990-999/1000', '10'])
    })

    it('has no range beyond its end', async () => {
      const response = await requestFile({ range: 'bytes=1000-' })
      expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */1000'])
      expect(await response.json()).toMatchObject({ code: 'range-not-satisfiable', facts: { sizeBytes: 1000 } })
    })

    it('reports its length without its bytes', async () => {
      const response = await requestFile({}, { method: 'HEAD' })
      expect([response.status, response.headers.get('content-length'), response.body]).toEqual([200, '1000', null])
    })

    it('is not sent again to a browser that has it', async () => {
      const etag = (await requestFile()).headers.get('etag') ?? ''
      expect((await requestFile({ 'if-none-match': etag })).status).toBe(304)
      expect((await requestFile({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
      expect((await requestFile({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    })

    it('is served at its real length, whatever the table says', async () => {
      writeFileSync(path.join(folder, 'short.parquet'), bytes.subarray(0, 400))
      const response = await requestFile({ range: 'bytes=-100' }, { name: 'short.parquet' })
      expect([response.status, response.headers.get('content-range')]).toEqual([206, 'bytes 300-399/400'])
      expect(sha(await response.arrayBuffer())).toBe(sha(bytes.subarray(300, 400)))
    })

    it('that is gone is reported as missing', async () => {
      expect(await parseProblem(await requestFile({}, { name: 'gone.parquet' }))).toMatchObject({
        code: 'file-missing',
      })
    })
  })

  describe('a token', () => {
    it('is refused without a session', async () => {
      expect((await requestFile({ cookie: '' })).status).toBe(401)
    })

    it('is refused for another user, even an admin', async () => {
      const { cookie } = await signInAs(home.services, 'admin')
      expect(await parseProblem(await requestFile({ cookie }))).toMatchObject({ code: 'forbidden' })
    })

    it('that has expired is refused with its own code', async () => {
      const response = await requestFile({}, { token: tokenFor(Date.now() - 24 * 3_600_000) })
      expect([response.status, (await parseProblem(response)).code]).toEqual([410, 'token-expired'])
    })

    it('that was changed is refused', async () => {
      const token = tokenFor()
      const changed = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
      expect(await parseProblem(await requestFile({}, { token: changed }))).toMatchObject({ code: 'forbidden' })
      const longer = `${token}.png`
      expect(await parseProblem(await requestFile({}, { token: longer }))).toMatchObject({ code: 'forbidden' })
    })

    it.each(Object.keys(REFUSED))('for a snapshot that has a file %s does not open that file', async (name) => {
      expect((await requestFile({}, { name })).status).toBe(403)
    })

    it.each(['8', '-1', '9007199254740991'])(
      'does not open a file with the index %s, which its scan does not have',
      async (index) => {
        const response = await requestIndex(index)
        expect([response.status, (await parseProblem(response)).code]).toEqual([404, 'not-found'])
      },
    )

    it.each(['1.5', 'x', '0/..', '99999999999999999999'])(
      'does not open a file with the invalid index %j',
      async (index) => {
        expect((await requestIndex(index)).status).toBe(400)
      },
    )

    it('does not open the files of another table of the same name, of one that was dropped, nor of a snapshot that expired', async () => {
      const dropped = await createTable(`dropped ${kind}`, [locationOf('f.parquet')])
      const token = dropped.signToken(reader.userId)
      const codeOf = async (candidate: string) =>
        (await parseProblem(await requestIndex('0', {}, { token: candidate }))).code
      expect((await requestIndex('0', {}, { token })).status).toBe(200)
      const catalog = await openTestCatalog(home.services)
      await catalog.write({ kind: 'drop-table', table: dropped.identifier })
      expect(await codeOf(token)).toBe('not-found')
      const created = await createTable(`dropped ${kind}`, [locationOf('f.parquet')])
      expect(await codeOf(token)).toBe('not-found')
      const { metadata } = await catalog.loadTable(created.identifier)
      const { tableUuid } = metadata
      const scan = { identifier: created.identifier, tableUuid, snapshotId: '7', schemaId: 0, userId: reader.userId }
      expect(await codeOf(signPlanToken(home.services, scan))).toBe('not-found')
      expect((await requestIndex('0', {}, { token: created.signToken(reader.userId) })).status).toBe(200)
    })
  })
})

describe('the files of a scan', () => {
  const list = async (query: string, token = tokenFor(), cookie = reader.cookie) => {
    const handler = await loadRouteHandler(home.services, listPlannedFiles)
    const request = new Request(`http://test/x?${query}`, { headers: { cookie } })
    return handler(request, { params: Promise.resolve({ token }) })
  }
  const listed = async (query: string) => {
    const { files, nextFile } = listPlannedFiles.output.parse(await (await list(query)).json())
    return [files.map(({ index }) => index), nextFile]
  }

  it('are listed from a file or from the file with a row, a page at a time', async () => {
    expect(await listed('')).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], null])
    expect(await listed('fromFile=2&limit=3')).toEqual([[2, 3, 4], 5])
    expect(await listed('fromRow=25&limit=1')).toEqual([[2], 3])
    expect(await listed('fromRow=80')).toEqual([[], null])
    expect(await listed('fromFile=8')).toEqual([[], null])
  })

  it.each(['limit=0', 'limit=1001', 'fromFile=-1', 'fromRow=-1', 'fromFile=1&fromRow=1', 'fromFile=x'])(
    'are not listed by %s',
    async (query) => {
      expect((await list(query)).status).toBe(400)
    },
  )

  it('and its null shares are for the user of the token only', async () => {
    const { cookie } = await signInAs(home.services, 'admin')
    expect((await list('', tokenFor(), cookie)).status).toBe(403)
    const handler = await loadRouteHandler(home.services, getNullShares)
    const read = (as: string) =>
      handler(new Request('http://test/x', { headers: { cookie: as } }), {
        params: Promise.resolve({ token: tokenFor() }),
      })
    expect((await read(cookie)).status).toBe(403)
    expect(await (await read(reader.cookie)).json()).toEqual({ nullShares: [] })
    expect((await list('', tokenFor(Date.now() - 24 * 3_600_000))).status).toBe(410)
  })
})

function sha(data: ArrayBuffer | Buffer): string {
  return createHash('sha256')
    .update(Buffer.from(data as ArrayBuffer))
    .digest('hex')
}
