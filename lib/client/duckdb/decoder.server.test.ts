import { expect, test } from 'vitest'
import type { DecodeRequest, LoadableFile } from '@/lib/query/load/decode-messages'
import { createDecoder } from './decoder'
import type { WorkerReply } from './worker-reply'

/** Stands in for the worker: records requests and sends the given replies. */
class FakeWorker extends EventTarget {
  readonly requests: DecodeRequest[] = []
  isEnded = false
  postMessage(request: DecodeRequest) {
    this.requests.push(request)
  }
  terminate() {
    this.isEnded = true
  }
  reply(data: WorkerReply) {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

function createFakeDecoder() {
  const workers: FakeWorker[] = []
  const decoder = createDecoder(() => {
    const worker = new FakeWorker()
    workers.push(worker)
    return worker
  })
  return { decoder, workers }
}

const file = (name: string): LoadableFile => ({
  url: name,
  name,
  byteLength: 1,
  recordCount: 1,
  tailBytes: 1,
  constants: new Map(),
  nameMapping: null,
  deletes: [],
})
const selection = { rowGroups: [0], fields: [] }
const NOTHING_DECODED = {
  batches: [],
  rowCount: 1,
  readBytes: 0,
  fetched: { fromMs: 0, toMs: 0 },
  decodeMs: 0,
}
const neverAborted = () => new AbortController().signal
const footer = { rowGroups: [], byteLength: 1, readBytes: 7 }

test('replies reach their requests in any order', async () => {
  const { decoder, workers } = createFakeDecoder()
  const replies = [decoder.readFooter(file('a'), neverAborted()), decoder.readFooter(file('b'), neverAborted())]
  const [worker] = workers
  worker?.reply({ id: 2, kind: 'footer', footer: { ...footer, readBytes: 2 } })
  worker?.reply({ id: 1, kind: 'footer', footer: { ...footer, readBytes: 1 } })
  expect((await Promise.all(replies)).map(({ readBytes }) => readBytes)).toEqual([1, 2])
})

test('a failure keeps its code, its facts and its request id', async () => {
  const { decoder, workers } = createFakeDecoder()
  const reply = decoder.readFooter(file('a'), neverAborted())
  const error = { code: 'file-missing', message: 'a is gone', facts: { file: 'a' }, requestId: 'r1' } as const
  workers[0]?.reply({ id: 1, kind: 'failed', error })
  await expect(reply).rejects.toMatchObject(error)
})

test('a file that crashes the decoder is named, and the next request starts a new worker', async () => {
  const { decoder, workers } = createFakeDecoder()
  const replies = [
    decoder.decodeColumns(file('good'), selection, neverAborted()),
    decoder.decodeColumns(file('bad'), selection, neverAborted()),
  ]
  workers[0]?.reply({ id: 2, kind: 'decoding' })
  workers[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'unreachable' }))
  for (const one of replies) await expect(one).rejects.toMatchObject({ code: 'file-damaged', facts: { file: 'bad' } })
  expect(workers[0]?.isEnded).toBe(true)

  const retried = decoder.readFooter(file('good'), neverAborted())
  workers[1]?.reply({ id: 3, kind: 'footer', footer })
  expect(await retried).toEqual(footer)
})

test('a file whose decode is done is not blamed for a later crash', async () => {
  const { decoder, workers } = createFakeDecoder()
  const good = decoder.decodeColumns(file('good'), selection, neverAborted())
  workers[0]?.reply({ id: 1, kind: 'decoding' })
  workers[0]?.reply({ id: 1, kind: 'columns', ...NOTHING_DECODED })
  await good
  const reply = decoder.readFooter(file('next'), neverAborted())
  workers[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }))
  await expect(reply).rejects.toMatchObject({ code: 'file-damaged', facts: { file: 'next' } })
})

test('no file is blamed for a worker that could not be started', async () => {
  const { decoder, workers } = createFakeDecoder()
  const reply = decoder.readFooter(file('a'), neverAborted())
  workers[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'no such script' }))
  await expect(reply).rejects.toMatchObject({ code: 'internal' })
})

test('cancelling ends a decode that cannot be interrupted', async () => {
  const { decoder, workers } = createFakeDecoder()
  const stop = new AbortController()
  const reply = decoder.decodeColumns(file('a'), selection, stop.signal)
  stop.abort()
  await expect(reply).rejects.toMatchObject({ code: 'cancelled' })
  expect(workers[0]?.isEnded).toBe(true)
  await expect(decoder.readFooter(file('a'), stop.signal)).rejects.toMatchObject({ code: 'cancelled' })
})
