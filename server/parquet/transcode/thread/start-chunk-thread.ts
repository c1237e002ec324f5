import 'server-only'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { StartChunkThread } from './chunk-lane'

/** Limits JavaScript's objects. Pages are outside of the heap, and limited by the transcoder. */
const MAX_HEAP_MIB = 512

/** Starts the bundled thread. It does not keep the process alive. */
export const startChunkThread: StartChunkThread = ({ onMessage, onEnd }) => {
  // Resolved from the project's root at run time, where the build stores it.
  const worker = new Worker(path.join(process.cwd(), 'build', 'chunk-thread.mjs'), {
    name: 'chunks',
    execArgv: ['--conditions=react-server', '--enable-source-maps'],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    env: { TZ: 'UTC', NODE_ENV: 'production' },
  })
  worker.unref()
  worker.on('message', onMessage)
  worker.on('error', onEnd)
  worker.on('exit', (code) => onEnd(new Error(`the thread ended with code ${code}`)))
  return {
    post: (message) => worker.postMessage(message),
    end: () => {
      worker.removeAllListeners()
      // It may fail while it ends.
      worker.on('error', () => undefined)
      void worker.terminate()
    },
  }
}
