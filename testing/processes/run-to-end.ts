import { spawn } from 'node:child_process'

export type RunOptions = {
  timeoutMs: number
  env?: Record<string, string>
  okCodes?: readonly number[]
  cwd?: string
  /** Runs the command as this user, which requires root. */
  user?: { uid: number; gid: number } | null
}

const MAX_OUTPUT_CHARS = 4000

/**
 * Runs a command to its end.
 *
 * @returns its standard output
 * @throws with the end of its output when it could not be started, took too long or ended with a code that is not in
 * `okCodes` (default 0)
 */
export function runToEnd(
  command: string,
  args: readonly string[],
  { timeoutMs, env = {}, okCodes = [0], cwd, user }: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      cwd,
      ...user,
    })
    let output = ''
    let outputTail = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      outputTail = (outputTail + text).slice(-MAX_OUTPUT_CHARS)
    })
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (outputTail = (outputTail + text).slice(-MAX_OUTPUT_CHARS)))
    child.on('error', (cause) => reject(new Error(`${command} could not be started: ${cause.message}`, { cause })))
    child.on('close', (code, signal) => {
      if (code !== null && okCodes.includes(code)) return resolve(output)
      reject(new Error(`${command} ended with ${code ?? signal}.\n${outputTail}`))
    })
  })
}
