import { Worker } from 'node:worker_threads'
import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { plainText, sampleTextFile } from '@/lib/parquet/sample-file'
import type { DecodeReply, DecodeRequest, LoadFile } from './decode-messages'
import { createDecoder } from './decoder'

/** Stands in for the worker: keeps what was asked, says what it is told to. */
class FakeWorker extends EventTarget {
  readonly asked: DecodeRequest[] = []
  isEnded = false
  postMessage(request: DecodeRequest) {
    this.asked.push(request)
  }
  terminate() {
    this.isEnded = true
  }
  reply(data: DecodeReply) {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

function started() {
  const workers: FakeWorker[] = []
  const decoder = createDecoder(() => {
    const worker = new FakeWorker()
    workers.push(worker)
    return worker
  })
  return { decoder, workers }
}

const file = (name: string): LoadFile => ({
  url: name,
  name,
  byteLength: 1,
  recordCount: 1,
  tailBytes: 1,
  constants: new Map(),
  nameMapping: null,
})
const order = { rowGroups: [0], fields: [] }
const NOTHING_DECODED = {
  ipc: new Uint8Array(),
  rowCount: 1,
  readBytes: 0,
  fetched: { fromMs: 0, toMs: 0 },
  decodeMs: 0,
}
const never = () => new AbortController().signal
const footer = { rowGroups: [], byteLength: 1, readBytes: 7 }

test('answers find who asked, whatever their order', async () => {
  const { decoder, workers } = started()
  const asked = [decoder.footer(file('a'), never()), decoder.footer(file('b'), never())]
  const [worker] = workers
  worker?.reply({ id: 2, kind: 'footer', footer: { ...footer, readBytes: 2 } })
  worker?.reply({ id: 1, kind: 'footer', footer: { ...footer, readBytes: 1 } })
  expect((await Promise.all(asked)).map(({ readBytes }) => readBytes)).toEqual([1, 2])
})

test('a failure keeps its code, its facts and the request it came from', async () => {
  const { decoder, workers } = started()
  const asked = decoder.footer(file('a'), never())
  const error = { code: 'file-missing', message: 'a is gone', facts: { file: 'a' }, requestId: 'r1' } as const
  workers[0]?.reply({ id: 1, kind: 'failed', error })
  await expect(asked).rejects.toMatchObject(error)
})

test('when a file breaks the decoder, that file is blamed, and the next request starts a new one', async () => {
  const { decoder, workers } = started()
  const asked = [decoder.columns(file('good'), order, never()), decoder.columns(file('bad'), order, never())]
  workers[0]?.reply({ id: 2, kind: 'decoding' })
  workers[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'unreachable' }))
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'file-damaged', facts: { file: 'bad' } })
  expect(workers[0]?.isEnded).toBe(true)

  const again = decoder.footer(file('good'), never())
  workers[1]?.reply({ id: 3, kind: 'footer', footer })
  expect(await again).toEqual(footer)
})

test('a file whose decode is done is not blamed for what comes after', async () => {
  const { decoder, workers } = started()
  const good = decoder.columns(file('good'), order, never())
  workers[0]?.reply({ id: 1, kind: 'decoding' })
  workers[0]?.reply({ id: 1, kind: 'columns', ...NOTHING_DECODED })
  await good
  const asked = decoder.footer(file('next'), never())
  workers[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }))
  await expect(asked).rejects.toMatchObject({ code: 'file-damaged', facts: { file: 'next' } })
})

test("a worker that could not be started is nobody else's fault", async () => {
  const { decoder, workers } = started()
  const asked = decoder.footer(file('a'), never())
  workers[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'no such script' }))
  await expect(asked).rejects.toMatchObject({ code: 'internal' })
})

describe('a page that is not as long as it says ends parquet-wasm, and its file is named', () => {
  const CODECS = { gzip: zlib.gzipSync, zstd: zlib.zstdCompressSync, brotli: zlib.brotliCompressSync } as const
  const names = ['gzip', 'zstd', 'brotli'] as const

  test.each(names)('%s that yields much more than it claims', async (codec) => {
    const stored = new Uint8Array(CODECS[codec](plainText(64 * 1024 * 1024)))
    const bytes = sampleTextFile({ rowCount: 1, codec, stored, encodedBytes: 1024 })
    await expect(decoded(bytes)).rejects.toMatchObject({ code: 'file-damaged', facts: { file: 'bomb' } })
  })

  test.each(names)('%s that claims much more than it yields', async (codec) => {
    const stored = new Uint8Array(CODECS[codec](plainText(10)))
    const bytes = sampleTextFile({ rowCount: 1, codec, stored, encodedBytes: 2 ** 31 - 1 })
    await expect(decoded(bytes)).rejects.toMatchObject({ code: 'file-damaged', facts: { file: 'bomb' } })
  })

  test('one that is as long as it says is decoded', async () => {
    const page = plainText(10)
    const bytes = sampleTextFile({ rowCount: 1, codec: 'uncompressed', stored: page, encodedBytes: page.length })
    expect(await decoded(bytes)).toMatchObject({ rowCount: 1 })
  })
})

test('cancelling ends what cannot be interrupted', async () => {
  const { decoder, workers } = started()
  const stop = new AbortController()
  const asked = decoder.columns(file('a'), order, stop.signal)
  stop.abort()
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
  expect(workers[0]?.isEnded).toBe(true)
  await expect(decoder.footer(file('a'), stop.signal)).rejects.toMatchObject({ code: 'cancelled' })
})

/** A thread with parquet-wasm in it, which answers and ends as a worker of the browser does. */
async function decoded(bytes: Uint8Array) {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { ParquetFile } = require('parquet-wasm')
    parentPort.on('message', async ({ id }) => {
      parentPort.postMessage({ id, kind: 'decoding' })
      try {
        const file = await ParquetFile.fromFile(new Blob([workerData]))
        const ipc = (await file.read({ columns: ['s'] })).intoIPCStream()
        parentPort.postMessage({ id, kind: 'columns', ipc, rowCount: 1 })
      } catch (error) {
        const message = String(error)
        parentPort.postMessage({ id, kind: 'failed', error: { code: 'file-damaged', message, facts: { file: 'bomb' }, requestId: null } })
      }
    })`
  const thread = new Worker(source, { eval: true, workerData: bytes, stdout: true, stderr: true })
  const target = new EventTarget()
  thread.on('message', (data) => target.dispatchEvent(new MessageEvent('message', { data })))
  thread.on('error', ({ message }) => target.dispatchEvent(Object.assign(new Event('error'), { message })))
  const worker = Object.assign(target, {
    postMessage: (request: DecodeRequest) => thread.postMessage(request),
    terminate: () => void thread.terminate(),
  })
  try {
    return await createDecoder(() => worker).columns(file('bomb'), order, never())
  } finally {
    await thread.terminate()
  }
}
