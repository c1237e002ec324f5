import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Client, type ClientConfig, type QueryResultRow } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { POSTGRES_AGES, type PostgresAge, installPostgres } from './install-postgres'
import { type PostgresServer, startPostgres } from './postgres-server'
import { listChildPids, listRunningProcesses, waitUntilExited } from '@/testing/processes/process-tree'
import { installOrSkip } from '@/testing/peers/install-or-skip'

/** Checks the assumptions of other tests about these servers. */

const program = await installOrSkip('PostgreSQL', () => Promise.all(POSTGRES_AGES.map(installPostgres)))

async function query<T extends QueryResultRow>(config: string | ClientConfig, sql: string): Promise<T[]> {
  const client = new Client(typeof config === 'string' ? { connectionString: config } : config)
  client.on('error', () => {}) // a failing query reports its own error
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

/** All processes of a server whose first process has this id. */
async function listServerPids(pid: number): Promise<number[]> {
  const pids = [pid, ...(await listChildPids(pid))]
  expect(await filterRunning([pid])).toEqual([pid])
  expect(pids.length).toBeGreaterThan(1)
  return pids
}

async function filterRunning(pids: readonly number[]): Promise<number[]> {
  const running = await listRunningProcesses()
  return pids.filter((pid) => running.some((process) => process.pid === pid))
}

describe.skipIf(program === null).each(POSTGRES_AGES)('The %s PostgreSQL (skipped if it is not available)', (age) => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres({ age, maxConnections: 12, settings: { application_name: 'of a test' } })
  })
  afterAll(() => server?.stop())

  test('answers with its version', async () => {
    const [row] = await query<{ version: string }>(server.url, 'SELECT version()')
    expect(row?.version).toContain(`PostgreSQL ${server.version} `)
  })

  test('runs as a user without privileges', () => {
    const uid = execFileSync('ps', ['-o', 'uid=', '-p', String(server.pid)], { encoding: 'utf8' })
    expect(Number(uid)).toBeGreaterThan(0)
  })

  test('accepts only logins with a password', async () => {
    const wrongUrl = Object.assign(new URL(server.url), { password: 'wrong' }).href
    await expect(query(wrongUrl, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    const [row] = await query<{ password: string }>(
      server.url,
      `SELECT rolpassword AS password FROM pg_authid WHERE rolname = 'postgres'`,
    )
    expect(row?.password).toMatch(/^SCRAM-SHA-256\$/)
  })

  test('has the settings it was started with, and waits for the disk', async () => {
    const rows = await query<{ name: string; setting: string }>(
      server.url,
      `SELECT name, setting FROM pg_settings
       WHERE name IN ('application_name', 'fsync', 'max_connections', 'listen_addresses') ORDER BY name`,
    )
    expect(rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      'application_name=of a test',
      'fsync=on',
      'listen_addresses=127.0.0.1',
      'max_connections=12',
    ])
  })

  test('has exactly the committed rows after all its processes were killed', async () => {
    await query(server.url, 'CREATE TABLE survivors (id int)')
    await query(server.url, 'INSERT INTO survivors VALUES (1), (2)')
    const open = new Client({ connectionString: server.url })
    open.on('error', () => {})
    await open.connect()
    await open.query('BEGIN')
    await open.query('INSERT INTO survivors VALUES (3)')
    const pids = await listServerPids(server.pid)
    const cut = new Promise((resolve) => void open.once('end', resolve))
    await server.kill9()
    await cut
    expect(() => server.pid).toThrow('is not running')
    expect(await filterRunning(pids)).toEqual([])
    await expect(query(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
    await server.restart()
    expect(await query(server.url, 'SELECT id FROM survivors ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }])
    expect(readFileSync(server.logFile, 'utf8')).toContain('was not properly shut down; automatic recovery in progress')
  })

  test('also restarts cleanly', async () => {
    const before = server.pid
    await server.restart()
    expect(server.pid).not.toBe(before)
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('leaves neither a process nor a file when it stops', async () => {
    const stopped = await startPostgres({ age, isDurable: false })
    const client = new Client({ connectionString: stopped.url })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query('SHOW fsync')
    expect(rows).toEqual([{ fsync: 'off' }])
    const pids = await listServerPids(stopped.pid)
    await stopped.stop()
    expect(await filterRunning(pids)).toEqual([])
    expect(existsSync(path.dirname(stopped.dataDir))).toBe(false)
  })

  test('ends with the process that started it, even when that is killed', async () => {
    const starter = spawnStarter(age)
    const { pid, dataDir } = await readStarted(starter)
    const pids = await listServerPids(pid)
    starter.kill('SIGKILL')
    await waitUntilExited(pids)
    await expect.poll(() => existsSync(path.dirname(dataDir)), { timeout: 60_000 }).toBe(false)
  })
})

describe.skipIf(program === null)('PostgreSQL (skipped if it is not available)', () => {
  test('runs even if its user cannot reach the program', async () => {
    const unreadableFolder = mkdtempSync(path.join(tmpdir(), 'postgres-hidden-'))
    onTestFinished(() => rmSync(unreadableFolder, { recursive: true }))
    symlinkSync(path.resolve('.cache'), path.join(unreadableFolder, '.cache'))
    const starter = spawnStarter('newest', unreadableFolder)
    const { url, pid } = await readStarted(starter)
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    starter.kill('SIGKILL')
    await waitUntilExited([pid])
  })

  test('says why it does not start, and leaves nothing behind', async () => {
    const start = startPostgres({ settings: { max_connections: 'many' } })
    await expect(start).rejects.toThrow(/did not start[^]*invalid value for parameter "max_connections"/)
  })

  test('compares text by bytes or by the rules of a language', async () => {
    const sql = `SELECT string_agg(word, ' ' ORDER BY word) AS words FROM unnest(ARRAY['b', 'B', 'a', 'A', 'ä']) AS word`
    const words: string[] = []
    for (const collation of ['c', 'icu'] as const) {
      const server = await startPostgres({ collation, isDurable: false })
      onTestFinished(server.stop)
      words.push(...(await query<{ words: string }>(server.url, sql)).map((row) => row.words))
    }
    expect(words).toEqual(['A B a b ä', 'a A ä b B'])
    await expect(startPostgres({ age: 'oldest', collation: 'icu' })).rejects.toThrow('use the newest')
  })

  test.each(POSTGRES_AGES)('accepts only encrypted connections with TLS: the %s', async (age) => {
    const server = await startPostgres({ age, isTls: true, isDurable: false })
    onTestFinished(server.stop)
    await expect(query(server.url, 'SELECT 1')).rejects.toMatchObject({ code: '28000' })
    const ssl = { ca: readFileSync(String(server.certificateFile), 'utf8') }
    const config = { connectionString: server.url, ssl }
    expect(await query(config, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual([{ ssl: true }])
    await expect(query({ connectionString: server.url, ssl: true }, 'SELECT 1')).rejects.toThrow('self-signed')
  })
})

/** Starts another process that starts a server and then waits. */
function spawnStarter(age: PostgresAge, cwd = process.cwd()): ChildProcessByStdio<null, Readable, null> {
  const source = `
    const { startPostgres } = await import(${JSON.stringify(path.resolve('testing/databases/postgres-server.ts'))})
    const { url, pid, dataDir } = await startPostgres({ age: ${JSON.stringify(age)} })
    console.log(JSON.stringify({ url, pid, dataDir }))
  `
  const args = ['--input-type=module', '--eval', source]
  return spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function readStarted(
  starter: ChildProcessByStdio<null, Readable, null>,
): Promise<Pick<PostgresServer, 'url' | 'pid' | 'dataDir'>> {
  for await (const line of createInterface({ input: starter.stdout })) return JSON.parse(line)
  throw new Error(`No server was started (exit ${starter.exitCode}).`)
}
