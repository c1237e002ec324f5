import 'server-only'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { WriteRequest, WriterOptions } from './writer-connection'
import type { WriterMessage } from './writer-thread'

/** The thread of a writer, which receives requests and sends messages. */
export type WriterThread = Pick<Worker, 'ref' | 'unref'> & {
  postMessage(request: WriteRequest | 'close', transfer: []): void
  on(event: 'message', listener: (message: WriterMessage) => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  once(event: 'exit', listener: (code: number) => void): unknown
}

/** Starts the thread of a writer; tests replace it. */
export type StartWriterThread = (options: WriterOptions) => WriterThread

export const startWriterThread: StartWriterThread = (options) => {
  // Resolved from the project's root at run time: bundlers move this module but not that file.
  const threadFile = path.join(/* turbopackIgnore: true */ process.cwd(), 'server', 'db', 'sqlite', 'writer-thread.ts')
  return new Worker(/* turbopackIgnore: true */ threadFile, {
    workerData: options,
    execArgv: [],
    name: 'database-writer',
  })
}
