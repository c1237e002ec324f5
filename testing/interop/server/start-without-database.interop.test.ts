import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startCommand } from '@/testing/processes/main-process'
import { selectRows } from '@/testing/databases/postgres-faults'
import { installPostgres } from '@/testing/databases/install-postgres'
import { type PostgresServer, startPostgres } from '@/testing/databases/postgres-server'
import { postgresSettings } from '@/testing/databases/postgres-settings'
import { listChildPids } from '@/testing/processes/process-tree'
import { createTestDatabase } from '@/testing/databases/test-postgres'
import { buildIfStale } from '../../../scripts/build.ts'
import { NODE_ARGS } from '../../../scripts/node-args.ts'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { freePort } from '@/testing/processes/free-port'

/** The built programs with a PostgreSQL server that cannot be reached when they start. */

const WAIT = { timeout: 120_000, interval: 50 }
/** Longer than a running process retries a read. */
const AWAY_MS = 15_000
const WAITS = /^The database postgres:\S+ cannot be reached: waiting for it\./
const CONTINUES = 'The database can be reached: the start continues.'

type Started = ReturnType<typeof startCommand>

const program = await installOrSkip('PostgreSQL', () => installPostgres('newest'))

describe.skipIf(program === null)('A start (skipped when PostgreSQL is unavailable)', () => {
  let server: PostgresServer
  let folder: string
  let databaseUrl: string
  let env: Record<string, string>

  beforeAll(async () => {
    await buildIfStale()
    server = await startPostgres()
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    await server.restart()
    databaseUrl = (await createTestDatabase(server)).url
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-away-'))
    env = {
      ...postgresSettings(databaseUrl),
      NODE_ENV: 'production',
      LAKESHORE_HOME: path.join(folder, 'home'),
      LAKESHORE_PORT: String(await freePort()),
      LAKESHORE_LOG_LEVEL: 'info',
    }
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  })

  function start(name: 'cli' | 'web' | 'worker', verb: string[] = [], more: Record<string, string> = {}): Started {
    const started = startCommand('node', [...NODE_ARGS, `build/${name}.mjs`, ...verb], { ...env, ...more })
    onTestFinished(() => void started.process.kill('SIGKILL'))
    return started
  }

  /** The three programs that need a database to start. */
  const startAll = (more: Record<string, string> = {}) => ({
    init: start('cli', ['init'], more),
    web: start('web', [], more),
    worker: start('worker', [], more),
  })

  const isReady = async () => {
    const answer = await fetch(`http://127.0.0.1:${env.LAKESHORE_PORT}/readyz`).catch(() => null) // nothing listens
    return answer?.status === 200
  }
  const workers = () => selectRows<{ id: string }>(databaseUrl, 'SELECT id FROM workers')

  test('of init, the web server and the worker waits for a database that starts later, and says so once', async () => {
    await server.kill9()
    const { init, web, worker } = startAll()
    const all = [init, web, worker]
    await vi.waitUntil(() => all.every(isWaiting), WAIT)
    expect(all.map(({ process }) => process.exitCode)).toEqual([null, null, null])
    expect(await isReady()).toBe(false)
    await server.restart()

    expect(await init.ended).toBe(0)
    expect(JSON.parse(init.out.join(''))).toMatchObject({ username: 'admin', generatedPassword: expect.any(String) })
    await vi.waitUntil(isReady, WAIT)
    await vi.waitUntil(async () => (await workers()).length === 1, WAIT)
    for (const started of all) {
      const messages = readMessages(started)
      expect(messages.filter((message) => WAITS.test(message))).toHaveLength(1)
      expect(messages.filter((message) => message === CONTINUES)).toHaveLength(1)
    }
    for (const { process } of [web, worker]) process.kill('SIGTERM')
    expect(await Promise.all([web.ended, worker.ended])).toEqual([0, 0])
  })

  test.each(['refuses connections', 'does not answer'])(
    'that waits for a server that %s can be ended by SIGTERM like any running process',
    async (how) => {
      if (how === 'does not answer') {
        process.kill(server.pid, 'SIGSTOP')
        onTestFinished(() => void process.kill(server.pid, 'SIGCONT'))
      } else await server.kill9()
      const { init, web, worker } = startAll()
      const all = [init, web, worker]
      await vi.waitUntil(() => all.every(isWaiting), WAIT)
      for (const one of all) one.process.kill('SIGTERM')
      // A stopped verb of the command line has not done its work, and its exit code shows that.
      expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([130, 0, 0])
    },
  )

  test('ends with the reason when the server refuses, which waiting cannot fix', async () => {
    const wrongPassword = Object.assign(new URL(databaseUrl), { password: 'another' }).href
    const wrongName = Object.assign(new URL(databaseUrl), { pathname: 'nowhere' }).href
    for (const [url, reason] of [
      [wrongPassword, /password authentication failed/],
      [wrongName, /database "nowhere" does not exist/],
    ] as const) {
      const all = Object.values(startAll({ LAKESHORE_DATABASE_URL: url }))
      expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([1, 1, 1])
      for (const one of all) {
        expect(readMessages(one).join('\n')).toMatch(reason)
        expect(readMessages(one).filter((message) => WAITS.test(message))).toEqual([])
      }
    }
  })

  test('by `up` outlasts an outage of the database, at first and when it has to restart a process', async () => {
    await server.kill9()
    const up = startCommand('node', ['scripts/up.ts', '--no-demo'], env)
    onTestFinished(() => void up.process.kill('SIGTERM'))
    await pause(AWAY_MS)
    expect(up.process.exitCode).toBeNull()
    await server.restart()
    await vi.waitUntil(isReady, WAIT)
    const before = await vi.waitUntil(async () => (await workers())[0], WAIT)

    await server.kill9()
    const [, workerPid] = await listChildPids(up.process.pid ?? 0)
    process.kill(workerPid ?? 0, 'SIGKILL')
    const deaths = () => up.said.filter((line) => /is started again|gives up/.test(line))
    await vi.waitUntil(() => deaths().length > 0, WAIT)
    await pause(AWAY_MS) // more deaths would follow now
    expect(deaths()).toEqual(['The worker ended by SIGKILL and is started again in 0.5 s.'])
    expect(up.process.exitCode).toBeNull()
    await server.restart()
    await vi.waitUntil(async () => (await workers()).some(({ id }) => id !== before.id), WAIT)
    await vi.waitUntil(isReady, WAIT)
    up.process.kill('SIGTERM')
    expect(await up.ended).toBe(0)
  })
})

function isWaiting(started: Started): boolean {
  return readMessages(started).some((message) => WAITS.test(message))
}

/** Sentences of the command line, or messages of a log. */
function readMessages({ said: stderrLines }: Started): string[] {
  return stderrLines.map((line) => (line.startsWith('{') ? String(JSON.parse(line).message) : line))
}
