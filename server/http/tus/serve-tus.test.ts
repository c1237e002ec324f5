import { createHash, randomBytes } from 'node:crypto'
import { type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Problem } from '@/lib/contract/shapes/problem'
import { FIRST_CHUNK_BYTES, type PageUpload } from '@/lib/client/uploads/page-upload'
import { UploadStore } from '@/lib/client/uploads/upload-store'
import type { Role } from '@/lib/permissions'
import { findUpload } from '@/server/uploads/find-upload'
import { streamUpload } from '@/server/uploads/stream-upload'
import { tidyUploads } from '@/server/uploads/tidy-uploads'
import { newPartName, PART_BYTES, partLocation, uploadFolder, uploadsFolder } from '@/server/uploads/upload-folder'
import { createWebServer, type WebServerOptions } from '@/server/web/web-server'
import { TUS_IN_NODE } from '@/testing/uploads/tus-in-node'
import { RawClient } from '@/testing/http/raw-client'
import { installTestProgram } from '@/testing/http/route-handler'
import { createServicesBeside, createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'

const MIB = 2 ** 20
const GIB = 2 ** 30
const TARGET = { catalog: 'local', namespace: ['sales', 'raw.eu'], table: 'größe 1' }

/** As large as the setting allows: a larger file than any disk of a test machine has room for. */
const home = createTestHome({ LAKESHORE_MAX_UPLOAD_BYTES: String(2 ** 44) })
const { signal } = new AbortController()
/** Machines may be busy with other tests. */
const SOON = { timeout: 20_000 }

let user: SignedInUser
beforeAll(async () => {
  user = await signInAs(home.services, 'editor')
})

const opened: { server: Server; clients: RawClient[] }[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const { server, clients } of opened.splice(0)) {
    for (const client of clients) client.close()
    server.closeAllConnections()
    server.close()
  }
})

async function startServer(limits: WebServerOptions['limits'] = {}, services = home.services) {
  const server = createWebServer({
    program: installTestProgram(services),
    servePages: async () => Promise.reject(new Error('Uploads do not go through Next.')),
    isBehindProxy: false,
    limits,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const clients: RawClient[] = []
  opened.push({ server, clients })
  return {
    server,
    url: `http://127.0.0.1:${port}/api/v1/uploads`,
    onPatch(listener: (count: number, request: IncomingMessage, response: ServerResponse) => void) {
      let count = 0
      server.on('request', (request, response) => {
        if (request.method !== 'PATCH') return
        count += 1
        listener(count, request, response)
      })
    },
    open() {
      const client = new RawClient(port)
      clients.push(client)
      return client
    },
  }
}

type Sent = { headers?: Record<string, string | undefined>; body?: Uint8Array; as?: SignedInUser }
type Received = { status: number; headers: Headers; problem: Problem | null }

/** Sends a request of tus. A header that is undefined is left out. */
async function send(method: string, url: string, { headers = {}, body, as = user }: Sent = {}): Promise<Received> {
  const all = { cookie: as.cookie, 'tus-resumable': '1.0.0', ...headers }
  const response = await fetch(url, {
    method,
    headers: Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ...(body && { body: body as Uint8Array<ArrayBuffer> }),
  })
  const text = await response.text()
  const isProblem = response.headers.get('content-type') === 'application/problem+json'
  return {
    status: response.status,
    headers: response.headers,
    problem: isProblem && text !== '' ? JSON.parse(text) : null,
  }
}

function metadata(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',')
}

function describeFile(fileName = 'a.csv', target = TARGET): string {
  const { catalog, namespace, table } = target
  return metadata({ filename: fileName, catalog, namespace: JSON.stringify(namespace), table })
}

function create(url: string, sizeBytes: number, { headers, ...sent }: Sent & { fileName?: string } = {}) {
  const file = { 'upload-length': String(sizeBytes), 'upload-metadata': describeFile(sent.fileName) }
  return send('POST', url, { ...sent, headers: { ...file, ...headers } })
}

async function createAt(url: string, sizeBytes: number): Promise<{ address: string; uploadId: string }> {
  const { status, headers } = await create(url, sizeBytes)
  expect(status).toBe(201)
  const location = headers.get('location') ?? ''
  return { address: new URL(location, url).href, uploadId: location.split('/').at(-1) ?? '' }
}

const patch = (address: string, offset: number, body: Uint8Array, { headers, ...sent }: Sent = {}) => {
  const chunk = { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }
  return send('PATCH', address, { ...sent, body, headers: { ...chunk, ...headers } })
}

async function offsetAt(address: string): Promise<number | null> {
  const offset = (await send('HEAD', address)).headers.get('upload-offset')
  return offset === null ? null : Number(offset)
}

async function readBack(uploadId: string): Promise<Buffer> {
  const upload = await findUpload(home.database, uploadId, user)
  const parts: Uint8Array[] = []
  for await (const part of streamUpload(home.services, upload, signal)) {
    expect(part.byteLength).toBeLessThanOrEqual(PART_BYTES)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const storedFiles = (uploadId: string) =>
  home.services.stores.warehouseStore().listNames(uploadFolder(home.config, { uploadId }), { limit: 1000 })

const problemOf = (status: number, code: string, detail: RegExp = /./) => ({
  status,
  problem: expect.objectContaining({
    status,
    code,
    detail: expect.stringMatching(detail),
    requestId: expect.stringMatching(/./),
  }),
})

function openPage(url: string, { as = user } = {}) {
  const pauses = { retryPausesMs: [10, 50, 100], signInPauseMs: 50 }
  const connection = { userId: as.userId, endpoint: url, headers: { cookie: as.cookie }, ...pauses }
  const store = new UploadStore(connection, async () => TUS_IN_NODE)
  const waitUntil = (isReached: (uploads: readonly PageUpload[]) => boolean) =>
    new Promise<readonly PageUpload[]>((resolve) => {
      const stop = store.subscribe(() => check())
      const check = () => {
        if (!isReached(store.getSnapshot())) return
        stop()
        resolve(store.getSnapshot())
      }
      check()
    })
  return {
    store,
    waitUntil,
    ended: () => waitUntil((all) => all.every(({ state }) => state === 'complete' || state === 'failed')),
  }
}

const toFile = (bytes: Buffer<ArrayBuffer>, name = 'a.csv') =>
  new File([bytes], name, { lastModified: 1_700_000_000_000 })

/** Sends the first part of a file from a page that is then left. @returns the id of the upload */
async function beginUpload({ url, onPatch }: Awaited<ReturnType<typeof startServer>>, file: File): Promise<string> {
  const page = openPage(url)
  const begunId = new Promise<string>((resolve) => {
    onPatch((count) => {
      if (count !== 2) return
      const uploadId = page.store.getSnapshot()[0]?.uploadId ?? ''
      void page.store.stop().then(() => resolve(uploadId))
    })
  })
  page.store.add([file], TARGET)
  return begunId
}

describe('A file that the client of tus sends', () => {
  it('arrives unchanged, in parts, and is listed with its target', async () => {
    const { url } = await startServer()
    const { store, ended } = openPage(url)
    const bytes = randomBytes(20 * MIB + 5)
    store.add([toFile(bytes, 'größe 💾.csv')], TARGET)
    const [upload] = await ended()
    expect(upload).toMatchObject({ state: 'complete', sentBytes: bytes.byteLength, failure: null })
    const uploadId = upload?.uploadId ?? ''
    expect((await readBack(uploadId)).equals(bytes)).toBe(true)
    expect((await storedFiles(uploadId)).map((name) => Number(name.split('-')[0])).toSorted((a, b) => a - b)).toEqual([
      0,
      FIRST_CHUNK_BYTES,
      4 * MIB,
      12 * MIB,
      20 * MIB,
    ])
    const response = await fetchList()
    expect(response.uploads).toContainEqual({
      uploadId,
      fileName: 'größe 💾.csv',
      target: { ...TARGET, namespace: TARGET.namespace.join('\u001f') },
      sizeBytes: bytes.byteLength,
      receivedBytes: bytes.byteLength,
      expiresAtMs: expect.any(Number),
      proposalId: null,
      runId: null,
    })
    await store.remove(upload?.id ?? '')
    expect(await storedFiles(uploadId)).toEqual([])
    expect((await fetchList()).uploads).toEqual([])
  })

  it('continues after the connection is cut in the middle, and after a response was lost', async () => {
    const { url, onPatch } = await startServer()
    const { store, ended } = openPage(url)
    const bytes = randomBytes(20 * MIB)
    const offsets: (string | undefined)[] = []
    onPatch((count, request, response) => {
      offsets.push(request.headers['upload-offset']?.toString())
      if (count === 2) request.socket.destroy()
      if (count === 5) {
        vi.spyOn(response, 'writeHead').mockImplementation(() => {
          request.socket.destroy()
          return response
        })
      }
    })
    const states: string[] = []
    store.subscribe(() => {
      const { state = '' } = store.getSnapshot()[0] ?? {}
      if (states.at(-1) !== state) states.push(state)
    })
    store.add([toFile(bytes, 'cut.csv')], TARGET)
    const [upload] = await ended()
    expect(states).toEqual(['waiting', 'sending', 'paused', 'sending', 'paused', 'sending', 'complete'])
    // The last part was counted before its response was lost.
    expect(offsets).toEqual([0, FIRST_CHUNK_BYTES, FIRST_CHUNK_BYTES, 4 * MIB, 12 * MIB].map(String))
    expect((await readBack(upload?.uploadId ?? '')).equals(bytes)).toBe(true)
    expect(await storedFiles(upload?.uploadId ?? '')).toHaveLength(4)
  })

  it('continues when it is chosen again after a reload, and not for another table', async () => {
    const server = await startServer()
    const { url } = server
    const bytes = randomBytes(24 * MIB)
    const begunId = await beginUpload(server, toFile(bytes, 'reload.csv'))

    const other = openPage(url)
    other.store.add([toFile(bytes, 'reload.csv')], { ...TARGET, table: 'other' })
    expect((await other.ended())[0]?.uploadId).not.toBe(begunId)

    const second = openPage(url)
    const offsets: number[] = []
    second.store.subscribe(() => offsets.push(second.store.getSnapshot()[0]?.sentBytes ?? 0))
    second.store.add([toFile(bytes, 'reload.csv')], TARGET)
    const [upload] = await second.ended()
    expect(upload).toMatchObject({ state: 'complete', uploadId: begunId })
    expect(Math.min(...offsets.filter((sent) => sent > 0))).toBeGreaterThanOrEqual(FIRST_CHUNK_BYTES)
    expect((await readBack(upload?.uploadId ?? '')).equals(bytes)).toBe(true)
  })

  it('arrives once when two tabs continue it at once', async () => {
    const server = await startServer()
    const bytes = randomBytes(36 * MIB)
    const begunId = await beginUpload(server, toFile(bytes, 'tabs.csv'))
    const tabs = [openPage(server.url), openPage(server.url)]
    for (const { store } of tabs) store.add([toFile(bytes, 'tabs.csv')], TARGET)
    for (const { ended } of tabs)
      expect(await ended()).toMatchObject([{ state: 'complete', uploadId: begunId, failure: null }])
    expect((await readBack(begunId)).equals(bytes)).toBe(true)
    expect(await storedFiles(begunId)).toHaveLength(6)
  })

  it('is another one when the file was changed since its first half was sent, also with the same size and time', async () => {
    const server = await startServer()
    const begunId = await beginUpload(server, toFile(randomBytes(24 * MIB), 'changed.csv'))
    const { store, ended } = openPage(server.url)
    const changed = randomBytes(24 * MIB)
    store.add([toFile(changed, 'changed.csv')], TARGET)
    const [{ state, uploadId } = { state: '', uploadId: null }] = await ended()
    expect([state, uploadId === begunId]).toEqual(['complete', false])
    expect((await readBack(uploadId ?? '')).equals(changed)).toBe(true)
  })

  it('pauses when the session of its user ends, and goes on where it stopped after another sign-in', async () => {
    const { url, onPatch } = await startServer()
    const editor = await signInAs(home.services, 'editor')
    const setEnd = (atMs: number) =>
      home.database.commit([rawChange('UPDATE sessions SET expires_at_ms = ? WHERE id = ?', [atMs, editor.sessionId])])
    const { store, waitUntil, ended } = openPage(url, { as: editor })
    const offsets: number[] = []
    onPatch((count, request) => {
      offsets.push(Number(request.headers['upload-offset']))
      if (count === 2) void setEnd(1).then(() => request.socket.destroy())
    })
    store.add([toFile(randomBytes(24 * MIB), 'session.csv')], TARGET)
    const isEnded = (all: readonly PageUpload[]) => all[0]?.failure?.code === 'unauthenticated'
    expect(await waitUntil(isEnded)).toMatchObject([
      { state: 'paused', failure: { message: 'Your session has ended.' } },
    ])
    const begunId = store.getSnapshot()[0]?.uploadId
    await setEnd(home.database.nowMs() + 3_600_000)
    expect(await ended()).toMatchObject([{ state: 'complete', uploadId: begunId }])
    expect(offsets.filter((offset) => offset === 0)).toHaveLength(1)
  })

  it('says that its user was disabled, also where the response has no body', async () => {
    const { url, onPatch } = await startServer()
    const editor = await signInAs(home.services, 'editor')
    const { store, waitUntil } = openPage(url, { as: editor })
    onPatch((count, request) => {
      if (count !== 2) return
      const disable = rawChange('UPDATE users SET disabled_at_ms = 1 WHERE id = ?', [editor.userId])
      void home.database.commit([disable]).then(() => request.socket.destroy())
    })
    store.add([toFile(randomBytes(24 * MIB), 'disabled.csv')], TARGET)
    const isRefused = (all: readonly PageUpload[]) => all[0]?.failure?.code === 'unauthenticated'
    expect(await waitUntil(isRefused)).toMatchObject([
      { state: 'paused', failure: { facts: { userState: 'disabled' } } },
    ])
    await store.stop()
  })

  it('begins again when its upload has expired', async () => {
    const { url } = await startServer()
    const bytes = randomBytes(10 * MIB)
    const first = openPage(url)
    first.store.add([toFile(bytes, 'expires.csv')], TARGET)
    const [before] = await first.ended()
    await expire(before?.uploadId ?? '')
    const second = openPage(url)
    second.store.add([toFile(bytes, 'expires.csv')], TARGET)
    const [upload] = await second.ended()
    expect(upload).toMatchObject({ state: 'complete' })
    expect(upload?.uploadId).not.toBe(before?.uploadId)
  })

  it('is one of three at a time, however many are added, and empty files are complete', async () => {
    const { url } = await startServer()
    const { store, ended } = openPage(url)
    let most = 0
    store.subscribe(() => {
      most = Math.max(most, store.getSnapshot().filter(({ state }) => state === 'sending').length)
    })
    const contents = Array.from({ length: 10 }, (_, i) => randomBytes(i * 1000))
    store.add(
      contents.map((bytes, i) => toFile(bytes, `${i}.csv`)),
      TARGET,
    )
    const uploads = await ended()
    expect(uploads.map(({ state }) => state)).toEqual(Array(10).fill('complete'))
    expect(most).toBe(3)
    for (const [i, { uploadId }] of uploads.entries())
      expect((await readBack(uploadId ?? '')).equals(contents[i] ?? Buffer.from('?'))).toBe(true)
  })

  it('is refused with the sentence of the server: a zip archive, which no retry loads', async () => {
    const { url } = await startServer()
    const { store, ended } = openPage(url)
    const archive = Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(9 * MIB)])
    store.add([toFile(archive, 'rows.csv'), toFile(randomBytes(10), 'rows.ZIP')], TARGET)
    const uploads = await ended()
    for (const { state, failure } of uploads) {
      expect(state).toBe('failed')
      expect(failure).toMatchObject({
        code: 'invalid-request',
        message: 'A zip archive cannot be loaded: unpack it and drop its files.',
      })
    }
    await expect(findUpload(home.database, uploads[0]?.uploadId ?? '', user)).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await storedFiles(uploads[0]?.uploadId ?? '')).toEqual([])
  })
})

describe('Two requests for the same byte', () => {
  it('store the part of one of them, and the other is a conflict that leaves no file', async () => {
    const { url } = await startServer()
    const { address, uploadId } = await createAt(url, 2 * MIB)
    const bodies = Array.from({ length: 4 }, () => randomBytes(MIB))
    const received = await Promise.all(bodies.map((body) => patch(address, 0, body)))
    const winner = received.findIndex(({ status }) => status === 204)
    expect(received.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 409, 409, 409])
    expect(received.find(({ status }) => status === 409)).toMatchObject(
      problemOf(409, 'version-conflict', /has 1048576 bytes.*Continue at byte 1048576/),
    )
    expect(await storedFiles(uploadId)).toHaveLength(1)
    await patch(address, MIB, bodies[0] ?? Buffer.of())
    const stored = await readBack(uploadId)
    expect(stored.equals(Buffer.concat([bodies[winner] ?? Buffer.of(), bodies[0] ?? Buffer.of()]))).toBe(true)
  })
})

describe('Bytes', () => {
  const digest = (bytes: Uint8Array, algorithm = 'sha256') =>
    `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`

  it('without the announced checksum are discarded, and those with it are stored', async () => {
    const { url } = await startServer()
    const { address, uploadId } = await createAt(url, 3000)
    const bytes = randomBytes(1000)
    const wrong = await patch(address, 0, bytes, { headers: { 'upload-checksum': digest(randomBytes(1000)) } })
    expect(wrong).toMatchObject(problemOf(460, 'unprocessable-request', /checksum/))
    expect(await offsetAt(address)).toBe(0)
    expect(await storedFiles(uploadId)).toEqual([])
    for (const [i, algorithm] of ['sha256', 'sha1'].entries()) {
      const headers = { 'upload-checksum': digest(bytes, algorithm) }
      expect(await patch(address, i * 1000, bytes, { headers })).toMatchObject({ status: 204 })
    }
    for (const header of ['md5 AAAA', 'sha256 AAAA', 'sha256', `sha256 ${'?'.repeat(44)}`]) {
      const refused = await patch(address, 2000, bytes, { headers: { 'upload-checksum': header } })
      expect(refused).toMatchObject(problemOf(400, 'invalid-request', /checksum/))
    }
    expect(await offsetAt(address)).toBe(2000)
  })

  it('with a checksum are at most a part, because they are stored completely or not at all', async () => {
    const { url } = await startServer()
    const { address } = await createAt(url, 20 * MIB)
    const bytes = randomBytes(PART_BYTES + 1)
    const refused = await patch(address, 0, bytes, { headers: { 'upload-checksum': digest(bytes) } })
    expect(refused).toMatchObject(problemOf(413, 'too-large', /at most 8.00 MiB/))
    expect(await offsetAt(address)).toBe(0)
  })

  it('of a whole file in one request are cut into parts', async () => {
    const { url } = await startServer()
    const { address, uploadId } = await createAt(url, 17 * MIB)
    const bytes = randomBytes(17 * MIB)
    expect((await patch(address, 0, bytes)).headers.get('upload-offset')).toBe(String(17 * MIB))
    expect(await storedFiles(uploadId)).toHaveLength(3)
    expect((await readBack(uploadId)).equals(bytes)).toBe(true)
  })

  it('beyond the announced size are refused, whether the request announces them or not', async () => {
    const { url } = await startServer()
    const { address } = await createAt(url, 1000)
    expect(await patch(address, 0, randomBytes(1001))).toMatchObject(
      problemOf(413, 'too-large', /announced 1000 bytes/),
    )
    const status = await sendChunked(address, [randomBytes(600), randomBytes(600)])
    expect(status).toBe(413)
    expect(await offsetAt(address)).toBe(0)
  })

  it('that a crash left in the store without a row are not read, and the next request replaces them', async () => {
    const { url } = await startServer()
    const { address, uploadId } = await createAt(url, 2000)
    const store = home.services.stores.warehouseStore()
    const leave = (startByte: number) =>
      store.writeNew(partLocation(home.config, { uploadId }, { name: newPartName(startByte) }), randomBytes(1500))
    const bytes = randomBytes(2000)
    await leave(0)
    await patch(address, 0, bytes.subarray(0, 1000))
    await leave(1000)
    await patch(address, 1000, bytes.subarray(1000))
    expect((await readBack(uploadId)).equals(bytes)).toBe(true)
    expect((await send('DELETE', address)).status).toBe(204)
    expect(await storedFiles(uploadId)).toEqual([])
  })

  it('that arrived before the client stopped are stored, and the connection is closed', async () => {
    const { url, open } = await startServer({ stallTimeoutMs: 300 })
    const { address } = await createAt(url, GIB)
    const client = open()
    await client.write(head(address, GIB))
    await client.write(randomBytes(MIB))
    expect(await client.closed).toContain('408')
    await vi.waitFor(async () => expect(await offsetAt(address)).toBe(MIB), SOON)
  })

  it('of a fast client wait in the network while the store is slow', async () => {
    const { url, open, server } = await startServer()
    const { address, uploadId } = await createAt(url, GIB)
    const store = home.services.stores.warehouseStore()
    let finish = () => {}
    const isSlow = new Promise<void>((resolve) => (finish = resolve))
    const written: number[] = []
    vi.spyOn(home.services.stores, 'warehouseStore').mockReturnValue({
      ...store,
      async writeNew(location, bytes) {
        written.push(bytes.byteLength)
        await isSlow
        return store.writeNew(location, bytes)
      },
    })
    let receivedBytes = () => 0
    server.once('connection', (socket) => (receivedBytes = () => socket.bytesRead))
    const client = open()
    await client.write(head(address, GIB))
    const chunk = randomBytes(MIB)
    let sentBytes = 0
    const sending = (async () => {
      for (let i = 0; i < 256; i += 1) {
        await client.write(chunk)
        sentBytes += MIB
      }
    })()
    const stopped = Promise.allSettled([sending])
    await vi.waitFor(() => expect(written).toEqual([PART_BYTES]), SOON)
    // The client goes on as long as the operating system takes its bytes.
    let before = -1
    while (before < sentBytes) {
      before = sentBytes
      await pause(200)
    }
    expect(written).toEqual([PART_BYTES])
    expect(receivedBytes()).toBeGreaterThan(PART_BYTES)
    expect(receivedBytes()).toBeLessThan(PART_BYTES + 2 * MIB)
    expect(sentBytes).toBeLessThan(256 * MIB)
    client.close()
    expect(await stopped).toMatchObject([{ status: 'rejected' }])
    finish()
    await vi.waitFor(async () => expect(await offsetAt(address)).toBeGreaterThan(PART_BYTES), SOON)
    await send('DELETE', address)
    expect(await storedFiles(uploadId)).toEqual([])
  })
})

describe('An upload', () => {
  it('is created with its first bytes, if the client sends them', async () => {
    const { url } = await startServer()
    const bytes = randomBytes(1000)
    const headers = { 'content-type': 'application/offset+octet-stream' }
    const created = await create(url, 1000, { headers, body: bytes })
    expect(created.status).toBe(201)
    expect(created.headers.get('upload-offset')).toBe('1000')
    expect((await readBack(created.headers.get('location')?.split('/').at(-1) ?? '')).equals(bytes)).toBe(true)

    const before = (await fetchList()).uploads.length
    const checksum = { 'upload-checksum': `sha256 ${randomBytes(32).toString('base64')}` }
    expect(await create(url, 1000, { headers: { ...headers, ...checksum }, body: bytes })).toMatchObject({
      status: 460,
    })
    expect((await fetchList()).uploads).toHaveLength(before)
  })

  it('begun at one process is continued at another one', async () => {
    const { url } = await startServer()
    const services = createServicesBeside(home)
    const other = await startServer({}, services)
    try {
      const bytes = randomBytes(2 * MIB)
      const { address, uploadId } = await createAt(url, bytes.byteLength)
      const atOther = address.replace(url, other.url)
      const half = bytes.subarray(0, MIB)
      expect(await patch(address, 0, half)).toMatchObject({ status: 204 })
      expect(await patch(atOther, 0, half)).toMatchObject(problemOf(409, 'version-conflict'))
      expect(await offsetAt(atOther)).toBe(MIB)
      expect(await patch(atOther, MIB, bytes.subarray(MIB))).toMatchObject({ status: 204 })
      expect(await offsetAt(address)).toBe(2 * MIB)
      expect((await readBack(uploadId)).equals(bytes)).toBe(true)
    } finally {
      await services.database.close()
    }
  })

  it('has any name of a file, which is listed as it was sent', async () => {
    const { url } = await startServer()
    const names = [
      'a b.csv',
      '100%20+#?&=.csv',
      '💾.csv',
      'قائمة\u200f.csv',
      '..a...',
      'é'.repeat(255),
      'a.csv',
      'a.csv',
    ]
    for (const fileName of names) expect(await create(url, 10, { fileName })).toMatchObject({ status: 201 })
    const { uploads } = await fetchList()
    expect(uploads.map(({ fileName }) => fileName)).toEqual(expect.arrayContaining(names))
    expect(
      uploads.filter(({ fileName, sizeBytes }) => fileName === 'a.csv' && sizeBytes === 10).length,
    ).toBeGreaterThan(1)
  })

  it('is found by its user only', async () => {
    const { url } = await startServer()
    const { address } = await createAt(url, 10)
    const other = await signInAs(home.services, 'admin')
    const refused = problemOf(404, 'not-found', /no such upload of yours/)
    expect(await send('HEAD', address, { as: other })).toMatchObject({ status: 404 })
    expect(await patch(address, 0, Buffer.of(1), { as: other })).toMatchObject(refused)
    expect(await send('DELETE', address, { as: other })).toMatchObject(refused)
    expect((await fetchList(other)).uploads).toEqual([])
    expect(await offsetAt(address)).toBe(0)
  })

  it('is not found after it has expired, and is then removed with its files and folders', async () => {
    const { url } = await startServer()
    const { address, uploadId } = await createAt(url, 20)
    const patched = await patch(address, 0, randomBytes(10))
    const expiresAtMs = Date.parse(patched.headers.get('upload-expires') ?? '')
    expect(expiresAtMs - home.database.nowMs()).toBeGreaterThan(23.9 * 3_600_000)
    await expire(uploadId)
    expect(await offsetAt(address)).toBeNull()
    expect(await patch(address, 10, randomBytes(10))).toMatchObject(problemOf(404, 'not-found', /expired/))
    expect(await storedFiles(uploadId)).toHaveLength(1)
    const open = await createAt(url, 10)
    await patch(open.address, 0, randomBytes(10))
    const removed = await tidyInDays(1)
    expect(removed).toMatchObject({ isComplete: true })
    expect(removed.expired).toBeGreaterThanOrEqual(1)
    expect(await storedFiles(uploadId)).toEqual([])
    expect(await storedFiles(open.uploadId)).toHaveLength(1)
  })

  it('whose row was removed without its files leaves nothing for long', async () => {
    const { url } = await startServer()
    const { address, uploadId } = await createAt(url, 20)
    await patch(address, 0, randomBytes(10))
    await tidyInDays(1)
    await home.database.commit([rawChange('DELETE FROM uploads WHERE id = ?', [uploadId])])
    expect(await storedFiles(uploadId)).toHaveLength(1)
    expect((await tidyInDays(0)).files).toBe(0)
    expect((await tidyInDays(1)).files).toBe(1)
    const { folders } = await home.services.stores
      .warehouseStore()
      .listFolder(uploadsFolder(home.config), { limit: 1000, pageToken: null })
    expect(folders).not.toContain(uploadId)
  })

  it('that lost a part, or whose part has another size, is damaged and not read as a shorter file', async () => {
    const { url } = await startServer()
    const store = home.services.stores.warehouseStore()
    for (const damage of ['missing', 'shorter', 'longer'] as const) {
      const { address, uploadId } = await createAt(url, 20)
      await patch(address, 0, randomBytes(10))
      await expect(readBack(uploadId)).rejects.toMatchObject({ code: 'invalid-request' })
      await patch(address, 10, randomBytes(10))
      const last = (await storedFiles(uploadId)).find((name) => name.startsWith('10-')) ?? ''
      const location = partLocation(home.config, { uploadId }, { name: last })
      await store.remove(location)
      if (damage !== 'missing') await store.writeNew(location, randomBytes(damage === 'shorter' ? 9 : 11))
      await expect(readBack(uploadId), damage).rejects.toMatchObject({ code: 'file-damaged', facts: { atByte: 10 } })
    }
  })

  it('needs the permission to write its table, when it is created and with each of its requests', async () => {
    const { url } = await startServer()
    const viewer = await signInAs(home.services, 'viewer')
    const refused = problemOf(403, 'forbidden', /table:write/)
    expect(await create(url, 10, { as: viewer })).toMatchObject(refused)
    const editor = await signInAs(home.services, 'editor')
    const created = await create(url, 10, { as: editor })
    const address = new URL(created.headers.get('location') ?? '', url).href
    expect(await patch(address, 0, randomBytes(5), { as: editor })).toMatchObject({ status: 204 })
    await setRole(editor, 'viewer')
    expect(await patch(address, 5, randomBytes(5), { as: editor })).toMatchObject(refused)
    expect((await send('HEAD', address, { as: editor })).headers.get('upload-offset')).toBe('5')
  })

  it('that a long request still sends ends with the permission of its user', async () => {
    const { url, open } = await startServer()
    const editor = await signInAs(home.services, 'editor')
    const created = await create(url, 32 * MIB, { as: editor })
    const address = new URL(created.headers.get('location') ?? '', url).href
    const client = open()
    await client.write(head(address, 32 * MIB, editor))
    await client.write(randomBytes(PART_BYTES))
    const offset = async () => (await send('HEAD', address, { as: editor })).headers.get('upload-offset')
    await vi.waitFor(async () => expect(await offset()).toBe(String(PART_BYTES)), SOON)
    await setRole(editor, 'viewer')
    await client.write(randomBytes(PART_BYTES))
    expect(await client.waitFor('forbidden')).toContain(' 403 ')
    expect(await offset()).toBe(String(PART_BYTES))
  })

  it.each([
    ['another version of tus', { 'tus-resumable': '0.2.2' }, 412, 'not-supported'],
    ['no version of tus', { 'tus-resumable': undefined }, 412, 'not-supported'],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403, 'forbidden'],
    ['an unknown origin', { origin: 'https://evil.example' }, 403, 'forbidden'],
    ['no session', { cookie: '' }, 401, 'unauthenticated'],
    ['a length that comes later', { 'upload-length': undefined, 'upload-defer-length': '1' }, 400, 'invalid-request'],
    ['no length', { 'upload-length': undefined }, 400, 'invalid-request'],
    ['a length that is not a number', { 'upload-length': '-1' }, 400, 'invalid-request'],
    ['joined uploads', { 'upload-concat': 'partial' }, 400, 'invalid-request'],
    ['a larger file than allowed', { 'upload-length': String(2 ** 44 + 1) }, 413, 'too-large'],
    ['a larger file than the disk has room for', { 'upload-length': String(2 ** 44) }, 507, 'storage-full'],
    ['no metadata', { 'upload-metadata': undefined }, 400, 'invalid-request'],
    ['metadata without base64', { 'upload-metadata': 'filename a.csv' }, 400, 'invalid-request'],
    ['metadata that is not UTF-8', { 'upload-metadata': 'filename /w==' }, 400, 'invalid-request'],
    ['a key twice', { 'upload-metadata': `${describeFile()},filename YQ==` }, 400, 'invalid-request'],
    ['a path as its name', { 'upload-metadata': describeFile('../a.csv') }, 400, 'invalid-request'],
    ['a name of dots', { 'upload-metadata': describeFile('..') }, 400, 'invalid-request'],
    ['a name with a control character', { 'upload-metadata': describeFile('a\u0000.csv') }, 400, 'invalid-request'],
    ['too long a name', { 'upload-metadata': describeFile('x'.repeat(256)) }, 400, 'invalid-request'],
    ['no levels', { 'upload-metadata': describeFile('a', { ...TARGET, namespace: [] }) }, 400, 'invalid-request'],
    ['an unknown catalog', { 'upload-metadata': describeFile('a', { ...TARGET, catalog: 'x' }) }, 404, 'not-found'],
  ] as const)('is not created with %s', async (_what, headers, status, code) => {
    const { url } = await startServer()
    const before = (await fetchList()).uploads.length
    const refused = await create(url, 10, { headers })
    expect(refused).toMatchObject(problemOf(status, code))
    expect(refused.headers.get('tus-resumable')).toBe('1.0.0')
    expect((await fetchList()).uploads).toHaveLength(before)
  })

  it('refuses bytes of another type and without an offset', async () => {
    const { url } = await startServer()
    const { address } = await createAt(url, 10)
    const type = { 'content-type': 'application/octet-stream' }
    expect(await patch(address, 0, Buffer.of(1), { headers: type })).toMatchObject({ status: 415 })
    const offset = { 'upload-offset': undefined }
    expect(await patch(address, 0, Buffer.of(1), { headers: offset })).toMatchObject({ status: 400 })
    expect(await send('PUT', address)).toMatchObject(problemOf(405, 'method-not-allowed'))
    expect(await send('PATCH', `${url}/none`)).toMatchObject({ status: 415 })
    expect(await patch(`${url}/none`, 0, Buffer.of(1))).toMatchObject({ status: 404 })
  })

  it('takes its methods as a header of POST, for clients behind old proxies', async () => {
    const { url } = await startServer()
    const { address } = await createAt(url, 10)
    const override = (method: string) => ({ headers: { 'x-http-method-override': method } })
    expect((await send('POST', address, override('HEAD'))).headers.get('upload-length')).toBe('10')
    expect(await send('POST', address, override('DELETE'))).toMatchObject({ status: 204 })
    expect(await send('POST', address)).toMatchObject({ status: 405 })
  })

  it('is refused with a pause while the server receives as many files as it may', async () => {
    const { url } = await startServer()
    const { address } = await createAt(url, 10)
    const releases = Array.from({ length: 6 }, () => home.services.uploadStreams.acquire(user.userId))
    const refused = await patch(address, 0, Buffer.of(1))
    expect(refused).toMatchObject(problemOf(429, 'too-many-requests'))
    expect(refused.headers.get('retry-after')).toBe('5')
    for (const release of releases) release()
    expect(await patch(address, 0, Buffer.of(1))).toMatchObject({ status: 204 })
  })
})

it('The server describes what it can', async () => {
  const { url } = await startServer()
  for (const address of [url, `${url}/x`]) {
    const { status, headers } = await send('OPTIONS', address, { headers: { 'tus-resumable': undefined } })
    expect(status).toBe(204)
    expect(headers.get('tus-version')).toBe('1.0.0')
    expect(headers.get('tus-extension')).toBe('creation,creation-with-upload,termination,expiration,checksum')
    expect(headers.get('tus-checksum-algorithm')).toBe('sha256,sha1')
    expect(headers.get('tus-max-size')).toBe(String(2 ** 44))
  }
})

async function fetchList(as = user): Promise<{ uploads: { uploadId: string; fileName: string; sizeBytes: number }[] }> {
  const { handle } = installTestProgram(home.services)
  const request = new Request('http://test/api/v1/uploads', { headers: { cookie: as.cookie } })
  return (await handle('GET', ['api', 'v1', 'uploads'], request)).json()
}

function tidyInDays(days: number) {
  return tidyUploads(home.services, { nowMs: home.database.nowMs() + days * 24 * 3_600_000, signal })
}

async function expire(uploadId: string): Promise<void> {
  await home.database.commit([rawChange('UPDATE uploads SET expires_at_ms = 1 WHERE id = ?', [uploadId])])
}

async function setRole({ userId }: SignedInUser, role: Role): Promise<void> {
  await home.database.commit([rawChange('UPDATE users SET role = ? WHERE id = ?', [role, userId])])
}

function head(address: string, lengthBytes: number, { cookie } = user): string {
  const { host, pathname } = new URL(address)
  return `PATCH ${pathname} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: ${lengthBytes}\r\n\r\n`
}

/** Sends a body whose length is not announced. */
function sendChunked(address: string, chunks: readonly Uint8Array[]): Promise<number> {
  const headers = { cookie: user.cookie, 'tus-resumable': '1.0.0', 'upload-offset': '0' }
  return new Promise((resolve, reject) => {
    const request = httpRequest(address, {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/offset+octet-stream', 'transfer-encoding': 'chunked' },
    })
    request.once('error', reject)
    request.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    for (const chunk of chunks) request.write(chunk)
    request.end()
  })
}
