import 'server-only'
import { fork } from 'node:child_process'
import path from 'node:path'
import type { FromQueryProcess, ToQueryProcess } from './process/messages'

/** A process that runs one query. */
export type QueryProcess = {
  /** Null for a process that did not start. */
  pid: number | null
  post(message: ToQueryProcess): void
  /** Ends it at once, whatever it does. */
  kill(): void
}

export type QueryProcessEvents = {
  onMessage: (message: FromQueryProcess) => void
  /** Called once, when the process has ended, with how. */
  onEnd: (ending: { code: number | null; killedBy: string | null; stderr: string }) => void
}

/** @param tempDir the folder of the process, which it removes if the server dies */
export type StartQueryProcess = (tempDir: string, events: QueryProcessEvents) => QueryProcess

const MAX_STDERR_CHARS = 4_000
/** The heap of JavaScript's objects in the process. */
const MAX_HEAP_MIB = 1024

/** Starts the bundled process. It gets none of the server's settings and secrets. */
export const startQueryProcess: StartQueryProcess = (tempDir, { onMessage, onEnd }) => {
  // Resolved from the project's root at run time, where the build stores it.
  const entry = path.join(/* turbopackIgnore: true */ process.cwd(), 'build', 'query-child.mjs')
  const child = fork(/* turbopackIgnore: true */ entry, [tempDir], {
    serialization: 'advanced',
    execArgv: ['--conditions=react-server', '--enable-source-maps', `--max-old-space-size=${MAX_HEAP_MIB}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { TZ: 'UTC', NODE_ENV: 'production' },
    // DuckDB derives settings from its folder and names them in messages, so it is not that of the server's program.
    cwd: tempDir,
  })
  let stderr = ''
  let hasEnded = false
  const end = (code: number | null, killedBy: string | null) => {
    if (hasEnded) return
    hasEnded = true
    onEnd({ code, killedBy, stderr })
  }
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-MAX_STDERR_CHARS)
  })
  child.on('message', onMessage)
  child.on('error', (error) => {
    stderr = `${stderr}${error.message}`
    if (child.pid === undefined) end(null, null)
  })
  child.on('close', end)
  return {
    pid: child.pid ?? null,
    // A process that has ended takes no messages; its end is reported.
    post: (message) => void (child.connected && child.send(message, () => undefined)),
    kill: () => void child.kill('SIGKILL'),
  }
}
