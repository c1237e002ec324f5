import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { installPostgres } from '@/testing/databases/install-postgres'
import { type PostgresServer, startPostgres } from '@/testing/databases/postgres-server'
import { RawClient, lastStatus } from '@/testing/http/raw-client'
import { logFileOf } from '@/testing/processes/log-file'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { installOrSkip } from '@/testing/peers/install-or-skip'

/** The built product's answers to people and programs after PostgreSQL was killed. */

const program = await installOrSkip('PostgreSQL', () => installPostgres('newest'))
const TIMEOUT_MS = 300_000
const PAGES = ['/', '/jobs', '/query', '/catalogs/local', '/settings/account']

describe.skipIf(program === null)('While PostgreSQL is away (skipped when it is unavailable)', () => {
  let folder: string
  let server: PostgresServer
  let lakeshore: Lakeshore | null = null

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-away-'))
    server = await startPostgres()
    lakeshore = await startLakeshore(folder, {}, { databaseUrl: server.url })
    await server.kill9()
  }, TIMEOUT_MS)
  afterAll(async () => {
    await lakeshore?.stop()
    await server?.stop()
    rmSync(folder, { recursive: true })
  }, TIMEOUT_MS)

  const running = () => {
    if (!lakeshore) throw new Error('Lakeshore is not running.')
    return lakeshore
  }
  const load = (address: string, init?: RequestInit) =>
    running().console.fetch(address, { redirect: 'manual', ...init })

  test.concurrent.each(PAGES)(
    'the page %s says so, and no user is signed out',
    { timeout: TIMEOUT_MS },
    async (page) => {
      const response = await load(page)
      const text = await response.text()
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
      expect(response.headers.getSetCookie()).toEqual([])
      expect(text).toContain('Lakeshore’s database cannot be used')
      expect(text).toContain('You stay signed in.')
      expect(text).toContain('Try again')
      expect(text).not.toContain('__next_error__')
    },
  )

  test('next-auth answers with a problem and leaves the cookie unchanged', { timeout: TIMEOUT_MS }, async () => {
    const { csrfToken } = (await (await load('/api/auth/csrf')).json()) as { csrfToken: string }
    const post = (fields: Record<string, string>) => ({
      method: 'POST',
      body: new URLSearchParams({ csrfToken, json: 'true', ...fields }),
    })
    const answers = await Promise.all([
      load('/api/auth/session'),
      load('/api/auth/signout', post({})),
      load('/api/auth/callback/credentials', post({ username: 'admin', password: running().password })),
    ])
    const problems = answers.map(({ status, headers }) => ({
      isForLater: status === 503 || status === 429,
      type: headers.get('content-type'),
      retryAfter: headers.get('retry-after'),
      cookies: headers.getSetCookie(),
    }))
    const problem = { isForLater: true, type: 'application/problem+json', retryAfter: '2', cookies: [] }
    expect(problems).toEqual([problem, problem, problem])
  })

  test('the log has no stack trace of a page', () => {
    const log = readFileSync(logFileOf('lakeshore'), 'utf8')
    const lines = log.split('\n').filter((line) => line.includes('A page was not rendered'))
    expect(lines.length).toBeGreaterThanOrEqual(PAGES.length)
    for (const line of lines) expect(JSON.parse(line.slice(line.indexOf('{')))).not.toHaveProperty('error')
    expect(log).not.toContain('⨯')
  })

  test('pages also answer a request that offers another protocol', { timeout: TIMEOUT_MS }, async () => {
    const client = new RawClient(Number(new URL(running().url).port))
    await client.write('GET /login HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n')
    expect(lastStatus(await client.closed)).toBe(200)
  })

  test('the session continues once the database is back', { timeout: TIMEOUT_MS }, async () => {
    await server.restart()
    await vi.waitFor(async () => expect((await load('/jobs')).status).toBe(200), { timeout: 240_000, interval: 500 })
    expect((await load('/api/v1/session')).status).toBe(200)
  })
})
