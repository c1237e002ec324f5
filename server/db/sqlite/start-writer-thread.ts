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

/** Resolved from the project's root at run time. Node takes a tenth of a second to read the source. */
const BUNDLE = ['build', 'writer-thread.mjs']
const SOURCE = ['server', 'db', 'sqlite', 'writer-thread.ts']

/** Whether this module is in the bundle of a program, which was built together with that of the thread. */
function isBundled(): boolean {
  // Absent in bundles of the older format, which tests run.
  const folder: string | undefined = import.meta.dirname
  return folder !== undefined && [folder, path.dirname(folder)].some((one) => path.basename(one) === 'build')
}

/** Starts the thread of a writer; tests replace it. */
export type StartWriterThread = (options: WriterOptions) => WriterThread

export const startWriterThread: StartWriterThread = (options) => {
  const threadFile = path.join(/* turbopackIgnore: true */ process.cwd(), ...(isBundled() ? BUNDLE : SOURCE))
  return new Worker(/* turbopackIgnore: true */ threadFile, {
    workerData: options,
    execArgv: [],
    name: 'database-writer',
  })
}
