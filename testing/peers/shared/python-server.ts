import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { logFileOf } from '../../processes/log-file.ts'
import type { PythonProgram } from '../python-session.ts'

/** Where to open a session, and where the program logs. */
export type PythonSocket = { path: string; logFile: string }

/**
 * Starts a Python program that serves sessions on a socket, one for each connection, and waits until it does. It ends
 * with the process that started it, because then its input ends.
 *
 * @param folder a new folder for the socket; only this user can open it
 */
export async function startPythonServer({
  name,
  python,
  program,
  settings,
  env = {},
  folder,
}: PythonProgram & { folder: string }): Promise<{ address: PythonSocket; stop: () => Promise<void> }> {
  mkdirSync(folder, { mode: 0o700 })
  const socket = path.join(folder, 'socket')
  const logFile = logFileOf(name)
  const child = spawn(python, [path.join(import.meta.dirname, '..', program)], { env: { ...process.env, ...env } })
  child.stderr.pipe(createWriteStream(logFile))
  child.stdin.on('error', () => undefined) // the missing line shows that the program ended
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  child.stdin.write(`${JSON.stringify({ ...settings, socket })}\n`)
  const ready = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  if (ready.done) throw new Error(`${name} ended before it was ready. See ${logFile}.`)
  return {
    address: { path: socket, logFile },
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}
