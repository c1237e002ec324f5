import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { NODE_ARGS, WEB_ARGS, WORKER_ARGS } from './node-args.ts'
import { type ProcessSpec, supervise } from './supervise.ts'

export type ConsoleOptions = { mode: 'production' | 'development'; args: readonly string[] }

/** For a verb that is running when this process is stopped. */
const VERB_GRACE_MS = 15_000
const READY_TIMEOUT_MS = 180_000

/** Returns the options, or their problem. */
function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        home: { type: 'string' },
        host: { type: 'string' },
        'no-demo': { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
}

/**
 * Sets up a home (folders, database, first admin, demo lake), keeps web processes and the worker running on it, and
 * prints its address. Stops them on Ctrl-C or SIGTERM, or when the parent of this process dies. Resolves when all
 * processes that it started have ended.
 *
 * @returns the exit code
 */
export async function runConsole({ mode, args }: ConsoleOptions): Promise<number> {
  const values = parseOptions(args)
  if (typeof values === 'string') {
    process.stderr.write(`${values}\nOptions: --port <number> --home <folder> --host <address> --no-demo\n`)
    return 2
  }
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: mode,
    ...(values.port !== undefined && { LAKESHORE_PORT: values.port }),
    ...(values.host !== undefined && { LAKESHORE_HOST: values.host }),
    ...(values.home !== undefined && { LAKESHORE_HOME: path.resolve(values.home) }),
  }
  const stopping = new AbortController()
  const { signal } = stopping
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(event, () => stopping.abort())

  const initOutput = await runVerb(['init', '--require-port', '--wait-for-database'], { env, signal })
  if (initOutput === '') return 130 // stopped before it started
  const initReport = JSON.parse(initOutput) as InitReport
  const reset = `${values.home === undefined ? '' : `LAKESHORE_HOME=${initReport.homeDir} `}npm run lakeshore -- user passwd`
  // Print it at once: whatever comes next may fail or be stopped, and the password is nowhere else.
  if (initReport.generatedPassword !== null) printLines(passwordText(initReport.username, initReport.generatedPassword))
  if (!values['no-demo'] && !signal.aborted) await runVerb(['demo'], { env, signal, stdout: 'inherit' })
  if (signal.aborted) return 130

  const supervision = supervise(processSpecs(mode, initReport, env), (sentence) =>
    process.stderr.write(`${sentence}\n`),
  )
  signal.addEventListener('abort', supervision.stop)
  const address = `http://${initReport.host.includes(':') ? `[${initReport.host}]` : initReport.host}:${initReport.port}`
  void supervision.ended.then(() => stopping.abort())
  if (await isReady(`${address}/readyz`, signal)) printLines(readyText(address, initReport.hasGeneratedPassword, reset))
  return supervision.ended
}

/** The output of `lakeshore init`. It has the password only if it was created just now. */
type InitReport = {
  host: string
  port: number
  webProcesses: number
  homeDir: string
  username: string
  generatedPassword: string | null
  /** The user whose generated password has not been changed yet. */
  hasGeneratedPassword: string | null
}

function processSpecs(
  mode: ConsoleOptions['mode'],
  { host, port, webProcesses }: InitReport,
  env: NodeJS.ProcessEnv,
): ProcessSpec[] {
  // Next's own output is for its developers; our log goes to standard error.
  const web =
    mode === 'production'
      ? { args: [...WEB_ARGS, 'build/web.mjs'], stdout: 'ignore' as const }
      : {
          // Next reloads the pages; the server itself is created once per process, so a change of its source restarts
          // the process.
          args: [
            '--watch-path=server',
            '--watch-path=lib',
            '--watch-preserve-output',
            'node_modules/next/dist/bin/next',
            'dev',
            '-p',
            String(port),
            '-H',
            host,
          ],
          stdout: 'inherit' as const,
        }
  // In development one process compiles for all.
  const count = mode === 'production' ? webProcesses : 1
  const names = count === 1 ? ['The web server'] : Array.from({ length: count }, (_, i) => `Web server ${i + 1}`)
  return [
    ...names.map((name) => ({ name, command: 'node', env, ...web })),
    { name: 'The worker', command: 'node', env, args: [...WORKER_ARGS, 'build/worker.mjs'], stdout: 'inherit' },
  ]
}

function passwordText(username: string, password: string): string[] {
  return [
    'The first user was created.',
    `  Username  ${username}`,
    `  Password  ${password}`,
    '  The password is shown only once. The first sign-in asks for another one.',
  ]
}

function readyText(address: string, hasGeneratedPassword: string | null, reset: string): string[] {
  return [
    `Lakeshore is ready at ${address}`,
    ...(hasGeneratedPassword === null
      ? []
      : [
          `  ${hasGeneratedPassword} still has a generated password. If it is lost, set another:`,
          `    ${reset} ${hasGeneratedPassword}`,
        ]),
    '  Press Ctrl-C to stop it.',
  ]
}

function printLines(lines: readonly string[]): void {
  process.stdout.write(`\n${lines.join('\n')}\n`)
}

/** Runs one verb of the command line to its end, and exits this process when the verb fails. */
async function runVerb(
  verb: readonly string[],
  { env, signal, stdout = 'pipe' }: { env: NodeJS.ProcessEnv; signal: AbortSignal; stdout?: 'pipe' | 'inherit' },
): Promise<string> {
  const child = spawn('node', [...NODE_ARGS, 'build/cli.mjs', ...verb], { env, stdio: ['ignore', stdout, 'inherit'] })
  const stop = () => {
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), VERB_GRACE_MS).unref()
  }
  signal.addEventListener('abort', stop)
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await waitForExit(child)
  signal.removeEventListener('abort', stop)
  // The command has printed the problem on standard error.
  if (code !== 0) process.exit(code)
  return Buffer.concat(chunks).toString('utf8')
}

function waitForExit(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 0 : 1)))
  })
}

async function isReady(address: string, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < deadline && !signal.aborted) {
    const response = await fetch(address).catch(() => null) // refused while the server is still starting
    if (response?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  if (!signal.aborted) process.stderr.write(`${address} did not report that it is ready; see the lines above.\n`)
  return false
}
