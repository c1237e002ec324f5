import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

export type PythonProgram = {
  /** Names its log, `.cache/interop/<name>.log`. */
  name: string
  /** The interpreter. */
  python: string
  /** A file beside this one. */
  program: string
  /** What it is to know from the start; not among its arguments, which every process of the machine may read. */
  settings: object
  env?: Record<string, string>
}

export type PythonSession = {
  /** Sends one request and gives its answer. @throws what Python raised, with where */
  ask: <Answer>(request: object) => Promise<Answer>
  stop: () => Promise<void>
}

type Line = { answer: unknown } | { error: string }

/**
 * Starts a Python program that answers every JSON line it is sent with one of its own, in order. Whole numbers beyond
 * 2^53 travel as text.
 */
export function startPython({ name, python, program, settings, env = {} }: PythonProgram): PythonSession {
  const logFile = path.resolve(`.cache/interop/${name}.log`)
  mkdirSync(path.dirname(logFile), { recursive: true })
  const child = spawn(python, [path.join(import.meta.dirname, program)], { env: { ...process.env, ...env } })
  child.stderr.pipe(createWriteStream(logFile))
  child.stdin.on('error', () => undefined) // that it has ended is told by the line that does not come
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const send = (line: object) => child.stdin.write(`${JSON.stringify(line)}\n`)

  const exchange = async <Answer>(request: object): Promise<Answer> => {
    send(request)
    const next = await lines.next()
    if (next.done) throw new Error(`${name} ended; see ${logFile}.`)
    const line = JSON.parse(next.value) as Line
    if ('error' in line) throw new Error(line.error)
    return line.answer as Answer
  }
  let last: Promise<unknown> = Promise.resolve()
  send(settings)
  return {
    ask: <Answer>(request: object) => {
      const reply = last.then(() => exchange<Answer>(request))
      last = reply.catch(() => undefined) // told to who asked; the next one starts afresh
      return reply
    },
    stop: async () => {
      child.stdin.end()
      await ended
      process.off('exit', kill)
    },
  }
}
