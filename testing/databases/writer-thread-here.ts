import { EventEmitter } from 'node:events'
import type { StartWriterThread } from '@/server/db/sqlite/start-writer-thread'
import { WriterConnection } from '@/server/db/sqlite/writer-connection'
import type { WriteRequest } from '@/server/db/sqlite/writer-connection'

/** A test may replace the timers, which messages between threads do not depend on. */
const defer = setImmediate

/**
 * Writes a database in this thread, because starting another one takes longer than most tests write. Messages are
 * copied and arrive later, as between threads.
 */
export const startWriterThreadHere: StartWriterThread = (options) => {
  const thread = new EventEmitter()
  let connection: WriterConnection | null = null
  let hasEnded = false
  const end = (code: number, error?: unknown) => {
    hasEnded = true
    if (error !== undefined) thread.emit('error', error)
    thread.emit('exit', code)
  }
  const handle = (request: WriteRequest | 'close') => {
    if (hasEnded) return
    if (request !== 'close') return thread.emit('message', structuredClone(connection?.transact(request)))
    connection?.close()
    return end(0)
  }
  defer(() => {
    try {
      connection = new WriterConnection(options)
      thread.emit('message', { kind: 'ready' })
    } catch (error) {
      end(1, error)
    }
  })
  return Object.assign(thread, {
    postMessage: (request: WriteRequest | 'close') => {
      const copy = structuredClone(request)
      defer(() => handle(copy))
    },
    ref: () => undefined,
    unref: () => undefined,
  })
}
