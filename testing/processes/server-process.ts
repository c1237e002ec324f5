import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { logFileOf } from './log-file.ts'

export type ServerCommand = {
  /** The name of the server in errors and of its log. */
  name: string
  command: string
  args: readonly string[]
  env: Record<string, string>
  /** The URL that answers 2xx once the server can be used. */
  readyUrl: string
  /** Text of the response of that URL until then. */
  startingText?: string
  readyTimeoutMs: number
}

export type ServerProcess = {
  pid: number
  stop: () => Promise<void>
  /** Kills the server as a power failure would, with no chance to react. */
  kill9: () => Promise<void>
}

const STOP_GRACE_MS = 60_000
const POLL_INTERVAL_MS = 100
const MAX_LOG_CHARS = 4000

/**
 * Starts a server and waits until it answers. It is stopped by its own process id, and ends with the process that
 * started it.
 *
 * @throws with the end of its log when it ended or did not answer in time
 */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const logFile = logFileOf(server.name)
  const log = openSync(logFile, 'w')
  const child = spawn(server.command, server.args, {
    env: { ...process.env, ...server.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve()) // the requests below fail if it could not be started
    child.once('close', () => resolve())
  })
  const stop = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(kill, STOP_GRACE_MS)
    await ended
    clearTimeout(timer)
    process.off('exit', kill)
  }
  const kill9 = async () => {
    kill()
    await ended
  }
  if ((await isReady(server, child)) && child.pid !== undefined) return { pid: child.pid, stop, kill9 }
  await stop()
  const logTail = readFileSync(logFile, 'utf8').slice(-MAX_LOG_CHARS)
  throw new Error(`${server.name} did not answer at ${server.readyUrl}.\n${logTail}`)
}

async function isReady(
  { readyUrl, readyTimeoutMs, startingText }: ServerCommand,
  child: ChildProcess,
): Promise<boolean> {
  const deadline = Date.now() + readyTimeoutMs
  while (Date.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const response = await fetch(readyUrl).catch(() => null) // refused while it is still starting
    const text = response?.ok ? await response.text() : null
    if (text !== null && (startingText === undefined || !text.includes(startingText))) return true
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS))
  }
  return false
}
