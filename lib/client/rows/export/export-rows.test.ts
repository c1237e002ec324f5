import { describe, expect, it } from 'vitest'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { ExportReply, ExportRequest } from './export-messages'
import { exportRows } from './export-rows'
import type { ExportSink } from './export-sink'

/** A worker that answers each pull with the next reply, and then not at all. */
class FakeWorker extends EventTarget {
  readonly received: string[] = []
  isEnded = false
  readonly #replies: ExportReply[]

  constructor(replies: readonly ExportReply[]) {
    super()
    this.#replies = [...replies]
  }

  postMessage(request: ExportRequest): void {
    this.received.push(request.kind)
    const data = request.kind === 'pull' ? this.#replies.shift() : undefined
    if (data) queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data })))
  }

  terminate(): void {
    this.isEnded = true
  }
}

function createSink() {
  const calls: string[] = []
  const sink: ExportSink = {
    write: async (bytes) => void calls.push(new TextDecoder().decode(bytes)),
    close: async () => void calls.push('closed'),
    discard: async () => void calls.push('discarded'),
  }
  return { calls, sink }
}

const piece = (text: string, rowCount: number): ExportReply => ({
  kind: 'piece',
  piece: { bytes: new TextEncoder().encode(text), rowCount },
})
const END: ExportReply = { kind: 'piece', piece: null }
const JOB = { plan: {} as SignedScanPlan, fields: [], format: 'csv' as const, filter: null, order: null }

function start(replies: readonly ExportReply[], sink: ExportSink) {
  const worker = new FakeWorker(replies)
  const controller = new AbortController()
  const progress: number[] = []
  const result = exportRows(JOB, sink, {
    signal: controller.signal,
    onProgress: ({ rowCount }) => progress.push(rowCount),
    startWorker: () => worker,
  })
  return { worker, controller, progress, result }
}

describe('An export', () => {
  it('writes piece by piece, and closes the file at the end', async () => {
    const { calls, sink } = createSink()
    const { worker, progress, result } = start([piece('a', 1), piece('bc', 2), END], sink)
    expect(await result).toEqual({ rowCount: 3, sizeBytes: 3 })
    expect(calls).toEqual(['a', 'bc', 'closed'])
    expect(progress).toEqual([1, 3])
    expect([worker.received, worker.isEnded]).toEqual([['start', 'pull', 'pull', 'pull'], true])
  })

  it('discards the file when reading fails later', async () => {
    const { calls, sink } = createSink()
    const error = { code: 'file-damaged', message: 'broken', facts: { file: 'f' }, requestId: 'r' } as const
    const { worker, result } = start([piece('a', 1), { kind: 'failed', error }], sink)
    await expect(result).rejects.toMatchObject({ code: 'file-damaged', message: 'broken', requestId: 'r' })
    expect([calls, worker.isEnded]).toEqual([['a', 'discarded'], true])
  })

  it('discards the file when it cannot be written', async () => {
    const { calls, sink } = createSink()
    const full = { ...sink, write: () => Promise.reject(new Error('full')) }
    await expect(start([piece('a', 1), END], full).result).rejects.toThrow('full')
    expect(calls).toEqual(['discarded'])
  })

  it('is cancelled while the worker reads, which ends', async () => {
    const { calls, sink } = createSink()
    const { worker, controller, result } = start([piece('a', 1)], sink)
    setTimeout(() => controller.abort(), 5)
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    expect([calls, worker.isEnded]).toEqual([['a', 'discarded'], true])
  })

  it('fails when its worker does', async () => {
    const { calls, sink } = createSink()
    const { worker, result } = start([], sink)
    setTimeout(() => worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })), 5)
    await expect(result).rejects.toMatchObject({ message: expect.stringContaining('out of memory') })
    expect(calls).toEqual(['discarded'])
  })
})
