import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { UploadOptions } from 'tus-js-client'
import { AppError } from '@/lib/errors'
import { storedUploads } from './stored-uploads'
import { UploadStore } from './upload-store'
import type { TusLibrary } from './upload-transfer'

const TARGET = { catalog: 'local', namespace: ['a'], table: 't' }
const PAUSES_MS = [100, 200, 300]

/** The uploads that the library was asked for, in order. */
let uploads: StubUpload[] = []

/** The addresses of uploads that were removed without being sent. */
let terminated: string[] = []

class StubUpload {
  static async terminate(url: string) {
    terminated.push(url)
  }

  url: string | null = null
  startCount = 0
  abortCount = 0
  readonly options: UploadOptions

  constructor(_file: unknown, options: UploadOptions) {
    this.options = options
    uploads.push(this)
  }

  static previous = async (): Promise<[]> => []
  findPreviousUploads = () => StubUpload.previous()
  resumeFromPreviousUpload() {}

  start() {
    this.startCount += 1
  }

  async abort() {
    this.abortCount += 1
  }

  fail(status: number, body: object = {}) {
    const response = { getStatus: () => status, getBody: () => JSON.stringify(body), getHeader: () => undefined }
    const error = Object.assign(new Error('of the library'), {
      originalRequest: {},
      originalResponse: status === 0 ? null : response,
      causingError: null,
    })
    this.options.onError?.(error)
  }
}

const LIBRARY = { Upload: StubUpload, DefaultHttpStack: Object } as unknown as TusLibrary

async function openStore(count = 1) {
  const store = new UploadStore(
    { userId: 'u', endpoint: 'http://test/api/v1/uploads', retryPausesMs: PAUSES_MS },
    async () => LIBRARY,
  )
  const files = Array.from({ length: count }, (_, i) => new File(['x'], `${i}.csv`))
  store.add(files, TARGET)
  await vi.advanceTimersByTimeAsync(0)
  const state = () => store.getSnapshot()[0]
  return { store, state, upload: () => uploads[0] as StubUpload }
}

beforeEach(() => {
  uploads = []
  terminated = []
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('An upload of an earlier visit', () => {
  const stored = { fileName: 'a.csv', sizeBytes: 3, target: TARGET, uploadId: 'U1' }

  it('is complete at once, is added once, and is removed from the server', async () => {
    const { store } = await openStore(0)
    store.addStored([stored])
    store.addStored([stored])
    expect(store.getSnapshot()).toMatchObject([{ state: 'complete', sentBytes: 3, uploadId: 'U1' }])
    await store.remove(store.getSnapshot()[0]?.id ?? '')
    expect(store.getSnapshot()).toEqual([])
    expect(terminated).toEqual(['http://test/api/v1/uploads/U1'])
  })
})

describe('A load that is started early', () => {
  const open = async (count: number) => {
    const opened = await openStore(count)
    const ids = opened.store.getSnapshot().map(({ id }) => id)
    const give = (i: number, uploadId: string) => {
      const upload = uploads[i]
      if (upload) upload.url = `http://test/api/v1/uploads/${uploadId}`
      upload?.options.onUploadUrlAvailable?.()
    }
    return { ...opened, ids, give }
  }

  it('gets the addresses of all files, and sends no bytes of those whose turn has not come', async () => {
    const { store, ids, give } = await open(5)
    expect(uploads).toHaveLength(3)
    const opening = store.openUploads(ids)
    await vi.advanceTimersByTimeAsync(0)
    for (const i of [0, 1, 2, 3, 4]) give(i, `U${i}`)
    await opening
    expect(store.getSnapshot().map(({ uploadId, state }) => `${uploadId} ${state}`)).toEqual([
      'U0 sending',
      'U1 sending',
      'U2 sending',
      'U3 waiting',
      'U4 waiting',
    ])
    expect(uploads.map(({ startCount, abortCount }) => [startCount, abortCount])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 1],
      [1, 1],
    ])
    uploads[0]?.options.onSuccess?.({ lastResponse: {} as never })
    await vi.advanceTimersByTimeAsync(0)
    expect([uploads.length, uploads[3]?.startCount, uploads[4]?.startCount]).toEqual([5, 2, 1])
  })

  it('sends a file whose turn comes while addresses are asked for once all of them are known, or the user has stopped it', async () => {
    const { store, ids, give } = await open(40)
    const stopped = new AbortController()
    const opening = store.openUploads(ids.slice(3), stopped.signal)
    await vi.advanceTimersByTimeAsync(0)
    uploads[0]?.options.onSuccess?.({ lastResponse: {} as never })
    await vi.advanceTimersByTimeAsync(0)
    // Twelve at a time.
    expect(uploads).toHaveLength(3 + 12)
    let drawnCount = 0
    store.subscribe(() => (drawnCount += 1))
    for (const i of [3, 4, 5]) give(i, `U${i}`)
    await vi.advanceTimersByTimeAsync(0)
    expect(uploads).toHaveLength(3 + 12 + 3)
    expect(drawnCount).toBe(0)
    await vi.advanceTimersByTimeAsync(250)
    expect(drawnCount).toBe(1)
    expect(uploads[3]).toMatchObject({ startCount: 1, abortCount: 1 })
    stopped.abort()
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' })
    await vi.advanceTimersByTimeAsync(0)
    expect(uploads).toHaveLength(3 + 12 + 3)
    expect(uploads[3]).toMatchObject({ startCount: 2 })
  })

  it('is not started when a file can no longer be read, which is sent when it is chosen again', async () => {
    const { store, ids } = await open(3)
    const unreadable = new AppError('file-damaged', 'It was moved.')
    StubUpload.previous = async () => {
      throw unreadable
    }
    const [id = ''] = store.add([new File(['x'], '3.csv')], TARGET)
    await expect(store.openUploads([...ids.slice(3), id])).rejects.toBe(unreadable)
    StubUpload.previous = async () => []
    uploads[0]?.options.onSuccess?.({ lastResponse: {} as never })
    await vi.advanceTimersByTimeAsync(0)
    expect(uploads[3]).toMatchObject({ startCount: 1 })
  })

  it('is not started when the server refuses an upload', async () => {
    const { store, ids } = await open(4)
    const opening = store.openUploads(ids.slice(3))
    await vi.advanceTimersByTimeAsync(0)
    const problem = { code: 'too-many-requests', detail: 'Too many.', facts: { maxUploads: 1000 }, requestId: 'r' }
    uploads[3]?.fail(429, problem)
    await expect(opening).rejects.toMatchObject({ code: 'too-many-requests' })
    expect(store.getSnapshot()[3]).toMatchObject({ state: 'failed' })
  })

  it('has its files until all are complete, and gives them back when it ends without them', async () => {
    const { store, ids, give } = await open(3)
    for (const i of [0, 1, 2]) give(i, `U${i}`)
    store.handToRun(ids, 'R1')
    const complete = (i: number) => uploads[i]?.options.onSuccess?.({ lastResponse: {} as never })
    const runs = () => store.getSnapshot().map(({ uploadId, awaitedBy }) => `${uploadId} ${awaitedBy}`)
    complete(0)
    expect(runs()).toEqual(['U0 R1', 'U1 R1', 'U2 R1'])
    store.takeBack('R1')
    expect(runs()).toEqual(['U0 null', 'U1 null', 'U2 null'])
    store.handToRun(ids, 'R2')
    // It has expired, so the library begins another one, of which the run does not know.
    give(2, 'U9')
    complete(1)
    expect(runs()).toEqual(['U9 null'])
  })
})

describe('An upload', () => {
  it('pauses longer after each attempt that sends nothing, and fails after the last', async () => {
    const { state, upload } = await openStore()
    for (const [i, pauseMs] of PAUSES_MS.entries()) {
      upload().fail(0)
      expect(state()).toMatchObject({ state: 'paused', failure: { code: 'server-unreachable' } })
      await vi.advanceTimersByTimeAsync(pauseMs - 1)
      expect(upload().startCount).toBe(i + 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(upload().startCount).toBe(i + 2)
    }
    upload().fail(0)
    expect(state()).toMatchObject({ state: 'failed', failure: { code: 'server-unreachable' } })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(upload().startCount).toBe(4)
  })

  it('begins to count attempts again when bytes were sent', async () => {
    const { state, upload } = await openStore()
    for (let i = 1; i <= 10; i += 1) {
      upload().options.onProgress?.(i * 1000, 100_000)
      expect(state()).toMatchObject({ state: 'sending', sentBytes: i * 1000, failure: null })
      upload().fail(503)
      await vi.advanceTimersByTimeAsync(100)
      expect(upload().startCount).toBe(i + 1)
    }
  })

  it('waits for the network as long as it takes', async () => {
    const online = new EventTarget()
    vi.stubGlobal('navigator', { onLine: false })
    vi.stubGlobal('window', online)
    const { state, upload } = await openStore()
    for (let i = 1; i <= 10; i += 1) {
      upload().fail(0)
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(upload().startCount).toBe(i)
      expect(state()).toMatchObject({ state: 'paused' })
      online.dispatchEvent(new Event('online'))
      expect(upload().startCount).toBe(i + 1)
    }
  })

  it('is begun again when the server says nothing for two minutes', async () => {
    const { state, upload } = await openStore()
    await vi.advanceTimersByTimeAsync(119_999)
    expect(state()).toMatchObject({ state: 'sending' })
    await vi.advanceTimersByTimeAsync(1)
    expect(upload().abortCount).toBe(1)
    expect(state()).toMatchObject({ state: 'paused', failure: { code: 'server-unreachable' } })
    await vi.advanceTimersByTimeAsync(100)
    expect(upload().startCount).toBe(2)
  })

  it.each([
    [404, 'not-found', 'failed'],
    [403, 'forbidden', 'failed'],
    [507, 'storage-full', 'failed'],
    [401, 'unauthenticated', 'paused'],
    [409, 'version-conflict', 'paused'],
    [460, 'unprocessable-request', 'paused'],
    [429, 'too-many-requests', 'paused'],
    [503, 'storage-unavailable', 'paused'],
  ])('that the server refuses with %d %s is %s, with its sentence', async (status, code, expected) => {
    const { state, upload } = await openStore()
    upload().fail(status, { code, detail: 'Why.', facts: {}, requestId: 'r1' })
    expect(state()).toMatchObject({ state: expected, failure: { code, message: 'Why.', requestId: 'r1' } })
  })

  it('whose session has ended waits for another one as long as it takes', async () => {
    const { state, upload } = await openStore()
    for (let i = 1; i <= 20; i += 1) {
      upload().fail(401, { code: 'unauthenticated', detail: 'Ended.', facts: {}, requestId: 'r' })
      expect(state()).toMatchObject({ state: 'paused' })
      await vi.advanceTimersByTimeAsync(15_000)
      expect(upload().startCount).toBe(i + 1)
    }
    upload().options.onProgress?.(1, 1)
    expect(state()).toMatchObject({ state: 'sending', failure: null })
  })

  it('is drawn four times a second while it is sent, and at once when its first part is stored', async () => {
    const { store, state, upload } = await openStore()
    const { onProgress, fileReader } = upload().options
    const source = await fileReader?.openFile({}, 1)
    let publishCount = 0
    store.subscribe(() => (publishCount += 1))
    onProgress?.(1, 1000)
    expect(state()).toMatchObject({ sentBytes: 1, storedBytes: 0 })
    await source?.slice(1, 1)
    expect(state()).toMatchObject({ storedBytes: 1 })
    for (let bytes = 2; bytes <= 100; bytes += 1) {
      onProgress?.(bytes, 1000)
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(publishCount).toBe(2 + 3)
    await vi.advanceTimersByTimeAsync(250)
    expect(state()).toMatchObject({ sentBytes: 100 })
  })

  it.each(['maxUploads', 'maxUserBytes'])('beyond the limit of its user is not retried: %s', async (limit) => {
    const { state, upload } = await openStore()
    upload().fail(429, { code: 'too-many-requests', detail: 'Too many.', facts: { [limit]: 1000 }, requestId: 'r' })
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toMatchObject({ state: 'failed', failure: { message: 'Too many.' } })
  })

  it('is held up while something else has to be read, for two seconds at most', async () => {
    const { store, upload } = await openStore()
    const source = await upload().options.fileReader?.openFile({}, 1)
    const read = Promise.withResolvers<string>()
    const held = store.holdDuring(() => read.promise)
    let sentCount = 0
    const send = () => void source?.slice(0, 1).then(() => (sentCount += 1))
    send()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sentCount).toBe(0)
    read.resolve('rows')
    expect(await held).toBe('rows')
    await vi.waitFor(() => expect(sentCount).toBe(1), { timeout: 20_000 })
    void store.holdDuring(() => new Promise(() => {}))
    await expect(store.holdDuring(() => Promise.reject(new Error('unreadable')))).rejects.toThrow('unreadable')
    send()
    await vi.advanceTimersByTimeAsync(1_900)
    expect(sentCount).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    await vi.waitFor(() => expect(sentCount).toBe(2), { timeout: 20_000 })
  })

  it('that has failed is sent again when the user asks for it', async () => {
    const { store, state, upload } = await openStore()
    upload().fail(403, { code: 'forbidden', detail: 'No.', facts: {}, requestId: 'r' })
    store.retry(state()?.id ?? '')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toMatchObject({ state: 'sending', failure: null })
    expect(uploads).toHaveLength(2)
  })

  it('of a file that the browser cannot read any longer fails with that sentence', async () => {
    const { state, upload } = await openStore()
    const cause = new AppError('file-damaged', 'The browser can no longer read the file.')
    const error = Object.assign(new Error('x'), { originalRequest: {}, originalResponse: null, causingError: cause })
    upload().options.onError?.(error)
    expect(state()).toMatchObject({ state: 'failed', failure: { code: 'file-damaged' } })
  })
})

describe('The uploads of a page', () => {
  it('are sent three at a time, the next one when one ends, fails or is removed', async () => {
    const { store } = await openStore(6)
    const states = () =>
      store
        .getSnapshot()
        .map(({ state }) => state[0])
        .join('')
    expect(states()).toBe('ssswww')
    uploads[0]?.options.onSuccess?.({ lastResponse: {} as never })
    await vi.advanceTimersByTimeAsync(0)
    expect(states()).toBe('csssww')
    uploads[1]?.fail(403, { code: 'forbidden', detail: 'No.', facts: {}, requestId: 'r' })
    await vi.advanceTimersByTimeAsync(0)
    expect(states()).toBe('cfsssw')
    await store.remove(store.getSnapshot()[2]?.id ?? '')
    await vi.advanceTimersByTimeAsync(0)
    expect(states()).toBe('cfsss')
    expect(uploads[2]?.abortCount).toBe(1)
  })

  it('are at most a thousand: ten thousand files at once are refused with a sentence, and none is added', async () => {
    const { store } = await openStore()
    const files = Array.from({ length: 10_000 }, () => new File([], 'a'))
    expect(() => store.add(files, TARGET)).toThrow(/10,000 files are too many: this tab uploads at most 1,000/)
    expect(store.getSnapshot()).toHaveLength(1)
  })

  it('that are complete are handed over to a proposal: the server keeps them, and the same file becomes another one', async () => {
    const { store, upload } = await openStore(2)
    const url = 'http://test/api/v1/uploads/U1'
    upload().url = url
    upload().options.onUploadUrlAvailable?.()
    upload().options.onSuccess?.({ lastResponse: null as never })
    const urls = storedUploads('u')
    await urls.addUpload('a', { uploadUrl: url, size: 1 } as never)
    await urls.addUpload('b', { uploadUrl: `${url}2`, size: 1 } as never)
    store.handOver(store.getSnapshot().map(({ id }) => id))
    expect(store.getSnapshot().map(({ fileName }) => fileName)).toEqual(['1.csv'])
    expect(uploads[0]).toMatchObject({ abortCount: 0 })
    expect(terminated).toEqual([])
    expect((await urls.findAllUploads()).map(({ uploadUrl }) => uploadUrl)).toEqual([`${url}2`])
  })

  it('that the server has no longer are sent again when the user asks for it, and those of earlier visits go', async () => {
    const { store, state, upload } = await openStore()
    const finish = (uploadId: string) => {
      upload().url = `http://test/api/v1/uploads/${uploadId}`
      upload().options.onUploadUrlAvailable?.()
      upload().options.onSuccess?.({ lastResponse: null as never })
    }
    finish('U1')
    store.addStored([{ fileName: 'a.csv', sizeBytes: 3, target: TARGET, uploadId: 'U2' }])
    const urls = storedUploads('u')
    await urls.addUpload('a', { uploadUrl: 'http://test/api/v1/uploads/U1', size: 1 } as never)
    expect(store.lose(store.getSnapshot().map(({ id }) => id))).toEqual(['a.csv'])
    expect(store.getSnapshot()).toMatchObject([{ state: 'failed', failure: { code: 'not-found' }, uploadId: null }])
    expect((await urls.findAllUploads()).map(({ uploadUrl }) => uploadUrl)).not.toContain(
      'http://test/api/v1/uploads/U1',
    )
    store.retry(state()?.id ?? '')
    await vi.advanceTimersByTimeAsync(0)
    expect(state()).toMatchObject({ state: 'sending', failure: null })
    expect(uploads).toHaveLength(2)
  })

  it('stop before a sign-out', async () => {
    const { store, upload } = await openStore(4)
    await store.stop()
    expect(store.getSnapshot()).toEqual([])
    expect(uploads.map(({ abortCount }) => abortCount)).toEqual([1, 1, 1])
    upload().fail(0)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(upload().startCount).toBe(1)
  })

  it('load the library again after it could not be loaded', async () => {
    let attempts = 0
    const store = new UploadStore({ userId: 'u', endpoint: 'http://test/x' }, async () => {
      attempts += 1
      if (attempts === 1) throw new Error('gone')
      return LIBRARY
    })
    const [id = ''] = store.add([new File(['x'], 'a')], TARGET)
    await vi.advanceTimersByTimeAsync(0)
    expect(store.getSnapshot()[0]).toMatchObject({ state: 'failed' })
    store.retry(id)
    await vi.advanceTimersByTimeAsync(0)
    expect(store.getSnapshot()[0]).toMatchObject({ state: 'sending' })
    await store.stop()
  })
})
