/**
 * The thread that writes the database file: one transaction per message, in sequence, fsynced before it answers.
 * SQLite's calls block, and an fsync takes milliseconds, so they do not run in the thread that serves requests.
 *
 * Plain Node runs this file directly (types stripped): no path alias, no `server-only`, only erasable types.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { WriterConnection, type WriteRequest, type WriteResponse, type WriterOptions } from './writer-connection.ts'

/** `ready`: the thread has opened the file. */
export type WriterMessage = WriteResponse | { kind: 'ready' }

if (parentPort) serveRequests(parentPort, new WriterConnection(workerData as WriterOptions))

function serveRequests(port: MessagePort, connection: WriterConnection): void {
  port.on('message', (request: WriteRequest | 'close') => {
    if (request !== 'close') return port.postMessage(connection.transact(request), [])
    connection.close()
    port.close()
  })
  port.postMessage({ kind: 'ready' }, [])
}
