import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort } from '@/testing/processes/free-port'

/** Each test starts its own console on an empty home, because it kills processes. A start takes long, two even longer. */
test.describe.configure({ mode: 'default', timeout: 600_000 })

/** How long a console may take to start: a database, the hash of a password, and several processes. */
const START_MS = 180_000

let folder: string
const startedProcesses: ChildProcess[] = []

test.beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-operator-'))
})

test.afterEach(async () => {
  for (const child of startedProcesses.splice(0)) await stop(child, 'SIGTERM')
  rmSync(folder, { recursive: true })
})

test('The console restarts its worker and its web server after they were killed, and leaves the database in one file', async () => {
  const up = await startUp()
  await up.waitUntilReady()
  for (const name of ['worker', 'web']) {
    const pid = findChild(up.child, name)
    process.kill(pid, 'SIGKILL')
    await expect(() => expect(findChild(up.child, name)).not.toBe(pid)).toPass()
    await expect.poll(() => isReady(up.port)).toBe(true)
  }
  expect(up.stderr()).toMatch(/^The worker ended by SIGKILL and is started again in 0\.5 s\.$/m)
  expect(up.stderr()).toMatch(/^The web server ended by SIGKILL and is started again in 0\.5 s\.$/m)
  expect(await stop(up.child, 'SIGTERM')).toBe(0)
  expectWholeDatabase()
})

test('With three web processes every request is answered after one was killed, and there are three again', async () => {
  const up = await startUp({ env: { LAKESHORE_WEB_PROCESSES: '3' } })
  await up.waitUntilReady()
  // The console is ready when one of them listens.
  await expect.poll(() => up.stderr().split('"web server listens"').length - 1, { timeout: START_MS }).toBe(3)
  expect(listChildren(up.child, 'web')).toHaveLength(3)
  const [killed = 0] = listChildren(up.child, 'web')
  process.kill(killed, 'SIGKILL')
  // The killed process keeps its socket, and gets new connections, until the last of its threads has ended.
  await expect.poll(up.stderr).toMatch(/^Web server \d ended by SIGKILL and is started again in 0\.5 s\.$/m)
  const answers = await Promise.all(Array.from({ length: 60 }, () => fetchStatusOnNewConnection(up.port)))
  expect(answers).toEqual(answers.map(() => 200))
  await expect(() => expect(listChildren(up.child, 'web')).toHaveLength(3)).toPass()
  expect(listChildren(up.child, 'web')).not.toContain(killed)

  const second = await startUp({ port: up.port, env: { LAKESHORE_WEB_PROCESSES: '3' } })
  expect(await second.ended).toBe(1)
  expect(second.stderr()).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use by another program\./)
  expect(await stop(up.child, 'SIGINT')).toBe(0)
  expect(await isFree(up.port)).toBe(true)
  expectWholeDatabase()
})

test('The port is free and the database intact after up itself was killed', async () => {
  for (const command of ['scripts/up.ts', 'scripts/bootstrap.mjs up']) {
    const up = await startUp({ command })
    await up.waitUntilReady()
    const pids = listDescendants(up.child.pid ?? 0)
    expect(pids.length).toBeGreaterThanOrEqual(2)
    await stop(up.child, 'SIGKILL')
    await expect.poll(() => pids.filter(isRunning)).toEqual([])
    expect(await isFree(up.port)).toBe(true)
    expect(existsSync(path.join(folder, 'home', 'lakeshore.db-wal'))).toBe(false)
  }
})

test('When the port is taken, up says so and creates nothing', async () => {
  const other = createServer()
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port))
  })
  const up = await startUp({ port })
  expect(await up.ended).toBe(1)
  expect(up.stderr()).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use by another program\. Nothing was created/)
  expect(existsSync(path.join(folder, 'home'))).toBe(false)
  await new Promise((resolve) => other.close(resolve))
})

test('The first start prints the password, and later starts say how to set another until one is set', async () => {
  const first = await startUp({ hasDemo: true })
  await expect.poll(first.stdout).toMatch(/Username {2}admin\n {2}Password {2}\S+/)
  expect(first.stdout()).not.toContain('ready')
  await stop(first.child, 'SIGINT')

  const second = await startUp()
  await second.waitUntilReady()
  const home = path.join(folder, 'home')
  expect(second.stdout()).not.toMatch(/Password {2}\S+/)
  expect(second.stdout()).toContain(`LAKESHORE_HOME=${home} npm run lakeshore -- user passwd admin`)
  const passwd = ['--conditions=react-server', 'build/cli.mjs', 'user', 'passwd', 'admin', '--password-stdin']
  const env = { ...process.env, LAKESHORE_HOME: home }
  execFileSync('node', passwd, { env, input: 'a password of my own\n', stdio: ['pipe', 'ignore', 'ignore'] })
  await stop(second.child, 'SIGTERM')

  const third = await startUp()
  await third.waitUntilReady()
  expect(third.stdout()).not.toContain('user passwd')
})

test('When the home cannot be used, up says why', async () => {
  writeFileSync(path.join(folder, 'home'), 'a file')
  const up = await startUp()
  expect(await up.ended).toBe(1)
  expect(up.stderr()).toMatch(/^LAKESHORE_HOME: .*\/home\/secrets cannot be used: it is a file, or in one, .*\n$/)
})

/** After the console has stopped, the whole database is in one file. */
function expectWholeDatabase(): void {
  expect(existsSync(path.join(folder, 'home', 'lakeshore.db'))).toBe(true)
  expect(existsSync(path.join(folder, 'home', 'lakeshore.db-wal'))).toBe(false)
}

type StartOptions = { command?: string; port?: number; hasDemo?: boolean; env?: Record<string, string> }

/** Starts `up` on the test's home, as a user would. */
async function startUp({ command = 'scripts/up.ts', port, hasDemo = false, env = {} }: StartOptions = {}) {
  const usedPort = port ?? (await freePort())
  const home = path.join(folder, 'home')
  const args = [...command.split(' '), '--home', home, '--port', String(usedPort), ...(hasDemo ? [] : ['--no-demo'])]
  const child = spawn('node', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  startedProcesses.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    child,
    port: usedPort,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    waitUntilReady: () =>
      expect
        .poll(() => stdout + (child.exitCode === null ? '' : stderr), { timeout: START_MS })
        .toContain('Lakeshore is ready'),
  }
}

/** @returns the exit code; null when a signal ended the process */
function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.kill(signal)
  })
}

/** The process id of `build/<name>.mjs` that `up` has started. */
function findChild(up: ChildProcess, name: string): number {
  const [pid] = listChildren(up, name)
  if (pid === undefined) throw new Error(`up has no ${name}`)
  return pid
}

function listChildren(up: ChildProcess, name: string): number[] {
  const lines = ps(['-o', 'pid=,args=', '--ppid', String(up.pid)])
  return lines.filter((line) => line.includes(`build/${name}.mjs`)).map((line) => Number.parseInt(line, 10))
}

/** Uses a new connection, which any of the web processes may accept. */
function fetchStatusOnNewConnection(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
  })
}

function listDescendants(pid: number): number[] {
  const children = ps(['-o', 'pid=', '--ppid', String(pid)]).map(Number)
  return children.flatMap((child) => [child, ...listDescendants(child)])
}

/** Zombies, which have ended but were not waited for, do not count. */
function isRunning(pid: number): boolean {
  return ps(['-o', 'stat=', '-p', String(pid)]).some((stat) => !stat.startsWith('Z'))
}

function ps(args: readonly string[]): string[] {
  try {
    const out = execFileSync('ps', args, { encoding: 'utf8' })
    return out.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  } catch {
    return [] // ps exits with an error when no process matches
  }
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null) // refused while it starts
  return response?.ok ?? false
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
