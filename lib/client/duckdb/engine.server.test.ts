import { afterEach, expect, test, vi } from 'vitest'
import { startEngine } from './engine'

/** A worker that fails to do whatever it is asked, as without a connection to the server. */
class FailingWorker extends EventTarget {
  static terminatedCount = 0
  onmessage: unknown = null
  postMessage({ messageId }: { messageId: number }) {
    const data = { messageId: messageId + 1, requestId: messageId, type: 'ERROR', data: { message: 'offline' } }
    queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data })))
  }
  terminate() {
    FailingWorker.terminatedCount++
  }
}

afterEach(() => vi.unstubAllGlobals())

test('A failed start leaves no worker behind', async () => {
  vi.stubGlobal('Worker', FailingWorker)
  await expect(startEngine()).rejects.toThrow('offline')
  expect(FailingWorker.terminatedCount).toBe(1)
})
