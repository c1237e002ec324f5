import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { parseArgs } from 'node:util'

export type ConsoleOptions = { mode: 'production' | 'development'; args: readonly string[] }

const STOP_GRACE_MS = 15_000
const READY_TIMEOUT_MS = 60_000
const NODE_ARGS = ['--conditions=react-server', '--enable-source-maps']

/** The options, or what is wrong with them. */
function optionsOf(args: readonly string[]) {
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
 * Sets a home up (folders, database, first admin, demo lake), starts web and worker on it, says where it is, and
 * stops both on Ctrl-C or SIGTERM. Resolves when everything it started has ended.
 *
 * @returns the exit code
 */
export async function runConsole({ mode, args }: ConsoleOptions): Promise<number> {
  const values = optionsOf(args)
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
  const running = new Set<ChildProcess>()
  let isStopping = false
  const stop = () => {
    if (isStopping) return
    isStopping = true
    for (const child of running) child.kill('SIGTERM')
    setTimeout(() => {
      for (const child of running) child.kill('SIGKILL')
    }, STOP_GRACE_MS).unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

  const setUp = JSON.parse(await outputOf(['init'], env, running)) as SetUp
  if (!values['no-demo'] && !isStopping) await outputOf(['demo'], env, running, 'inherit')
  if (isStopping) return 130

  const { host, port } = setUp
  if (!(await isFree(host, port))) {
    process.stderr.write(`Port ${port} on ${host} is taken. Choose another with --port.\n`)
    return 1
  }
  // What Next itself prints is for its developers; our own log goes to the error stream.
  const web =
    mode === 'production'
      ? start([...NODE_ARGS, 'build/web.mjs'], env, running, 'ignore')
      : start(['node_modules/next/dist/bin/next', 'dev', '-p', String(port), '-H', host], env, running, 'inherit')
  const worker = start([...NODE_ARGS, 'build/worker.mjs'], env, running, 'inherit')
  const ended = Promise.all([web, worker].map((child) => endOf(child, running).finally(stop)))

  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  if (await isReady(`${address}/readyz`, () => isStopping)) announce(address, setUp)
  const codes = await ended
  return codes.every((code) => code === 0) ? 0 : 1
}

/** What `lakeshore init` says. The password is there only when it was made just now. */
type SetUp = { host: string; port: number; username: string; generatedPassword: string | null }

function announce(address: string, { username, generatedPassword }: SetUp): void {
  const lines = [`Lakeshore is ready at ${address}`]
  if (generatedPassword !== null) {
    lines.push(
      `  Username  ${username}`,
      `  Password  ${generatedPassword}`,
      '  It is shown this once. Change it under Settings.',
    )
  }
  process.stdout.write(`\n${lines.join('\n')}\n  Ctrl-C stops it.\n`)
}

function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  running: Set<ChildProcess>,
  stdout: 'ignore' | 'inherit',
): ChildProcess {
  const child = spawn('node', args, { env, stdio: ['ignore', stdout, 'inherit'] })
  running.add(child)
  return child
}

/** Runs one verb of the command line to its end. */
async function outputOf(
  verb: readonly string[],
  env: NodeJS.ProcessEnv,
  running: Set<ChildProcess>,
  stdout: 'pipe' | 'inherit' = 'pipe',
): Promise<string> {
  const child = spawn('node', [...NODE_ARGS, 'build/cli.mjs', ...verb], { env, stdio: ['ignore', stdout, 'inherit'] })
  running.add(child)
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await endOf(child, running)
  // The verb has said on stderr what is wrong.
  if (code !== 0) process.exit(code)
  return Buffer.concat(chunks).toString('utf8')
}

function endOf(child: ChildProcess, running: Set<ChildProcess>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve(code ?? (signal === 'SIGTERM' ? 0 : 1))
    })
  })
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host, port }, () => probe.close(() => resolve(true)))
  })
}

async function isReady(address: string, isStopping: () => boolean): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < deadline && !isStopping()) {
    const response = await fetch(address).catch(() => null) // refused while the server is still starting
    if (response?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  if (!isStopping()) process.stderr.write(`${address} does not say that it is ready; see the lines above.\n`)
  return false
}
