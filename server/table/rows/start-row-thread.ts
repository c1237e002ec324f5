import 'server-only'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FromThread, ToThread } from '@/server/processes/row-messages'

/** A thread that reads and encodes rows. */
export type RowThread = {
  post(message: ToThread, transfer: readonly ArrayBuffer[]): void
  /** Ends it at once, also while it decodes. */
  end(): void
}

export type RowThreadEvents = {
  onMessage: (message: FromThread) => void
  /** Called when the thread ends by itself, with the reason. */
  onEnd: (cause: unknown) => void
}

export type StartRowThread = (events: RowThreadEvents) => RowThread

/** Limits JavaScript's objects. Decoded data is outside of the heap, and limited by the reader. */
const MAX_HEAP_MIB = 1024

/** Starts the bundled thread. */
export const startRowThread: StartRowThread = ({ onMessage, onEnd }) => {
  // Resolved from the project's root at run time, where the build stores it.
  const file = path.join(/* turbopackIgnore: true */ process.cwd(), 'build', 'rows-thread.mjs')
  const worker = new Worker(/* turbopackIgnore: true */ file, {
    name: 'rows',
    execArgv: ['--conditions=react-server', '--enable-source-maps'],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    // The thread gets none of the settings and secrets.
    env: { TZ: 'UTC', NODE_ENV: 'production' },
  })
  worker.on('message', onMessage)
  worker.on('error', onEnd)
  worker.on('exit', (code) => onEnd(new Error(`the thread ended with code ${code}`)))
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => {
      worker.removeAllListeners('error')
      worker.removeAllListeners('exit')
      // It may fail while it ends.
      worker.on('error', () => undefined)
      void worker.terminate()
    },
  }
}
