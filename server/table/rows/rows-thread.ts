import 'server-only'
import { parentPort } from 'node:worker_threads'
import { createRowThread } from './read-in-thread'
import type { ToThread } from '@/server/processes/row-messages'

/** Entry point of the threads in which rows are decoded and encoded (bundled as `build/rows-thread.mjs`). */
const handle = createRowThread((message, transfer) => parentPort?.postMessage(message, transfer))
parentPort?.on('message', (message: ToThread) => handle(message))
