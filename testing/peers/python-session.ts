import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { logFileOf } from '../processes/log-file.ts'

export type PythonProgram = {
  /** Names its log. */
  name: string
  /** The interpreter. */
  python: string
  /** A file next to this one. */
  program: string
  /** The first input of the program. Not among its arguments, which every process of the machine can read. */
  settings: object
  env?: Record<string, string>
}

export type PythonSession = {
  /** Sends one request. @returns its response @throws what Python raised, with its traceback */
  request: <Answer>(request: object) => Promise<Answer>
  stop: () => Promise<void>
}

type Line = { answer: unknown } | { error: string }

/**
 * Starts a Python program that answers every JSON line with another one, in order. Whole numbers beyond 2^53 are sent
 * as text.
 */
export function startPython({ name, python, program, settings, env = {} }: PythonProgram): PythonSession {
  const logFile = logFileOf(name)
  const child = spawn(python, [path.join(import.meta.dirname, program)], { env: { ...process.env, ...env } })
  child.stderr.pipe(createWriteStream(logFile))
  child.stdin.on('error', () => undefined) // the missing line shows that the program ended
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const send = (line: object) => child.stdin.write(`${JSON.stringify(line)}\n`)
  send(settings)
  return {
    request: inOrder(async (request) => {
      send(request)
      return readReply(await lines.next(), name, logFile)
    }),
    stop: async () => {
      child.stdin.end()
      await ended
      process.off('exit', kill)
    },
  }
}

/** Sends each request after the reply to the previous one. */
export function inOrder(exchange: (request: object) => Promise<unknown>): PythonSession['request'] {
  let last: Promise<unknown> = Promise.resolve()
  return <Answer>(request: object) => {
    const reply = last.then(() => exchange(request))
    last = reply.catch(() => undefined) // its caller gets the error; the next request is independent
    return reply as Promise<Answer>
  }
}

/** @throws what Python raised, with its traceback, or that it ended */
export function readReply(next: IteratorResult<string>, name: string, logFile: string): unknown {
  if (next.done) throw new Error(`${name} ended unexpectedly. See ${logFile}.`)
  const line = JSON.parse(next.value) as Line
  if ('error' in line) throw new Error(line.error)
  return line.answer
}
