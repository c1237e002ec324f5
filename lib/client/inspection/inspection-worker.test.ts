import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { InspectionReply, InspectionRequest } from './inspection-messages'
import { InspectionWorker } from './inspection-worker'

/** A worker whose replies the test sends. */
class FakeWorker extends EventTarget {
  readonly received: InspectionRequest[] = []
  isEnded = false

  postMessage(request: InspectionRequest): void {
    this.received.push(request)
  }

  terminate(): void {
    this.isEnded = true
  }

  reply(data: InspectionReply): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

const file = { url: '/bytes', name: 'a.parquet' }
let workers: FakeWorker[]
let inspector: InspectionWorker
beforeEach(() => {
  vi.useFakeTimers()
  workers = []
  inspector = new InspectionWorker(() => {
    const worker = new FakeWorker()
    workers.push(worker)
    return worker
  })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A pending inspection, whose failure is observed. */
function start(signal?: AbortSignal) {
  const result = inspector.inspect({ kind: 'puffin', file }, signal)
  result.catch(() => undefined)
  return result
}

describe('The worker of the file inspector', () => {
  it('returns a footer with the chunks that were sent before it', async () => {
    const footer = inspector.inspect({ kind: 'footer', file })
    const [worker] = workers
    worker?.reply({ kind: 'chunks', id: 1, chunks: [{ leaf: 0 }] as never })
    worker?.reply({ kind: 'chunks', id: 1, chunks: [{ leaf: 1 }] as never })
    worker?.reply({ kind: 'done', id: 1, result: { byteLength: 9 } as never })
    expect(await footer).toEqual({ result: { byteLength: 9 }, chunks: [{ leaf: 0 }, { leaf: 1 }] })
  })

  it('throws the error that the worker sent', async () => {
    const result = start()
    const error = { code: 'file-damaged', message: 'a.parquet: broken', facts: {}, requestId: null } as const
    workers[0]?.reply({ kind: 'failed', id: 1, error })
    await expect(result).rejects.toMatchObject({ code: 'file-damaged', message: 'a.parquet: broken' })
  })

  it('is ended when a file keeps it busy, and the file is named', async () => {
    const result = start()
    await vi.advanceTimersByTimeAsync(25_000)
    await expect(result).rejects.toMatchObject({ code: 'too-large', facts: { file: 'a.parquet' } })
    expect(workers.map(({ isEnded }) => isEnded)).toEqual([true])
  })

  it('is not ended while it replies, however long a file takes to arrive', async () => {
    const result = start()
    for (let second = 0; second < 60; second++) {
      await vi.advanceTimersByTimeAsync(1_000)
      workers[0]?.reply({ kind: 'pong' })
    }
    workers[0]?.reply({ kind: 'done', id: 1, result: { blobs: [], properties: {} } })
    expect((await result).result).toEqual({ blobs: [], properties: {} })
  })

  it('stops a cancelled inspection, and keeps the worker if it replies', async () => {
    const controller = new AbortController()
    const result = start(controller.signal)
    controller.abort()
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    expect(workers[0]?.received).toContainEqual({ kind: 'cancel', id: 1 })
    workers[0]?.reply({ kind: 'pong' })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(workers[0]?.isEnded).toBe(false)
  })

  it('is restarted with the other inspections when it goes on with a cancelled one', async () => {
    const controller = new AbortController()
    void start(controller.signal)
    const other = start()
    controller.abort()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(workers.map(({ isEnded }) => isEnded)).toEqual([true, false])
    workers[1]?.reply({ kind: 'done', id: 2, result: { blobs: [], properties: {} } })
    expect((await other).result).toEqual({ blobs: [], properties: {} })
  })

  it('names the file when it has no memory left', async () => {
    const result = start()
    workers[0]?.dispatchEvent(new Event('error', { cancelable: true }))
    await expect(result).rejects.toMatchObject({ code: 'too-large', facts: { file: 'a.parquet' } })
  })

  it('refuses an inspection that was cancelled before it began', async () => {
    await expect(inspector.inspect({ kind: 'puffin', file }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(workers).toEqual([])
  })
})
