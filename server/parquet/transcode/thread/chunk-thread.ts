import 'server-only'
import { parentPort } from 'node:worker_threads'
import type { ToChunkThread } from './chunk-messages'
import { createChunkTranscoder } from './transcode-in-thread'

/** Entry point of the threads in which column chunks are transcoded (bundled as `build/chunk-thread.mjs`). */
const handle = createChunkTranscoder((message, transfer) => parentPort?.postMessage(message, transfer))
parentPort?.on('message', (message: ToChunkThread) => handle(message))
