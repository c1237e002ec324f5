import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { lastStatus, RawClient } from '@/testing/http/raw-client'
import { startCommand } from '@/testing/processes/main-process'
import { fillIn, readRecipe } from '@/testing/project/read-recipe'
import { buildIfStale } from '../../../scripts/build.ts'
import { CATALOG, type ConsoleClient, signIn } from '@/testing/product/console-client'
import { createToken } from '@/testing/product/lakeshore'
import { runToEnd } from '@/testing/processes/run-to-end'
import { freePort } from '@/testing/processes/free-port'

/** The recipes of docs/operations.md for one machine, with the commands that the separate systemd units run. */

const TIMEOUT_MS = 120_000
const WAIT = { timeout: TIMEOUT_MS, interval: 20 }
const PASSWORD = 'a password of the first admin'

let folder: string
let url: string
let settings: Record<string, string> = {}
let [web, worker]: Unit[] = []
let token = ''
const pathInFolder = (name: string) => path.join(folder, name)

type Unit = ReturnType<typeof startCommand>

/** A unit's commands as systemd would run them, with this machine's Node. */
function readUnitCommand(unit: string, setting: 'ExecStartPre' | 'ExecStart'): [command: string, args: string[]] {
  const text = readFileSync(`deploy/systemd/${unit}.service`, 'utf8')
  const [, line = ''] = new RegExp(`^${setting}=(.*)$`, 'm').exec(text) ?? []
  const [node, ...args] = line.split(' ')
  if (node !== '/usr/bin/node') throw new Error(`${unit} has no ${setting}.`)
  return [process.execPath, args]
}

/**
 * The environment that systemd gives a unit: its own variables, then the settings file, which wins. The home is this
 * test's.
 */
function readUnitEnvironment(unit: string): Record<string, string> {
  const text = readFileSync(`deploy/systemd/${unit}.service`, 'utf8')
  const unitEnvironment = Object.fromEntries(
    [...text.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  )
  expect(unitEnvironment).toMatchObject({ LAKESHORE_HOME: '/var/lib/lakeshore', NODE_ENV: 'production' })
  expect(text).toMatch(/^EnvironmentFile=-\/etc\/lakeshore\.env$/m)
  return {
    ...unitEnvironment,
    ...parseEnv(readFileSync(pathInFolder('lakeshore.env'), 'utf8')),
    LAKESHORE_HOME: pathInFolder('home'),
  }
}

/** Appends settings to those that the recipe installed. */
function setSettings(more: Record<string, string>): void {
  settings = { ...settings, ...more }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  writeFileSync(pathInFolder('lakeshore.env'), [readFileSync('.env.example', 'utf8'), ...lines, ''].join('\n'))
}

async function startWeb(): Promise<void> {
  const [command, args] = readUnitCommand('lakeshore-web', 'ExecStartPre')
  await runToEnd(command, args, { timeoutMs: TIMEOUT_MS, env: readUnitEnvironment('lakeshore-web') })
  const started = startCommand(...readUnitCommand('lakeshore-web', 'ExecStart'), readUnitEnvironment('lakeshore-web'))
  web = started
  await vi.waitUntil(async () => started.process.exitCode !== null || (await probe('/readyz'))?.status === 200, WAIT)
  if (started.process.exitCode !== null) throw new Error(started.said.join('\n'))
}

function startWorker(): void {
  worker = startCommand(...readUnitCommand('lakeshore-worker', 'ExecStart'), readUnitEnvironment('lakeshore-worker'))
}

/** Stops a unit as systemd does. @returns its exit code */
async function stop(unit: Unit | undefined) {
  unit?.process.kill('SIGTERM')
  return unit?.ended
}

/** Runs a verb as the page writes it, on this test's home. @returns its standard output */
function runCommand(command: string): Promise<string> {
  return runToEnd('sh', ['-c', command], {
    timeoutMs: TIMEOUT_MS,
    env: { ...settings, LAKESHORE_HOME: pathInFolder('home') },
  })
}

async function probe(address: string): Promise<{ status: number; body: unknown } | null> {
  const response = await fetch(`${url}${address}`).catch(() => null) // nothing listens
  return response && { status: response.status, body: await response.json() }
}

function requestCatalog(
  method: string,
  route: string,
  { body, bearer = token }: { body?: object; bearer?: string } = {},
) {
  return fetch(`${url}/iceberg/v1/${route}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
}

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const setProperty = (key: string) =>
  requestCatalog('POST', `${CATALOG}/namespaces/demo/tables/t`, {
    body: { requirements: [], updates: [{ action: 'set-properties', updates: { [key]: 'v' } }] },
  })

beforeAll(async () => {
  await buildIfStale()
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-units-'))
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const installed = readRecipe('systemd', 'sudo useradd')
    .split('\n')
    .find((line) => line.includes('lakeshore.env'))
  const command = fillIn(installed ?? '', { 'sudo ': '', '/opt/lakeshore': '.', '/etc': folder })
  await runToEnd('sh', ['-c', command], { timeoutMs: TIMEOUT_MS })
  setSettings({ LAKESHORE_PORT: String(port), LAKESHORE_ADMIN_PASSWORD: PASSWORD })
})
afterAll(async () => {
  await Promise.all([web, worker].map(stop))
  rmSync(folder, { recursive: true })
})

describe('Separate units of systemd', () => {
  test('hide their settings from other users, set up the home, load a file, and leave one complete database when stopped', async () => {
    expect(statSync(pathInFolder('lakeshore.env')).mode & 0o777).toBe(0o600)
    await startWeb()
    startWorker()
    token = await createToken((...verb) => runCommand(`npm run --silent lakeshore -- ${verb.join(' ')}`))
    writeFileSync(pathInFolder('schema.json'), JSON.stringify(SCHEMA))
    writeFileSync(pathInFolder('rows.csv'), 'id\n1\n2\n')
    await runCommand(
      `npm run --silent lakeshore -- ingest --table demo.t --file ${pathInFolder('rows.csv')} --create-schema ${pathInFolder('schema.json')}`,
    )
    const loaded = await requestCatalog('GET', `${CATALOG}/namespaces/demo/tables/t`)
    expect(await loaded.json()).toMatchObject({ metadata: { snapshots: [{ summary: { 'added-records': '2' } }] } })
    expect(await Promise.all([web, worker].map(stop))).toEqual([0, 0])
    expect(existsSync(pathInFolder('home/lakeshore.db'))).toBe(true)
    expect(existsSync(pathInFolder('home/lakeshore.db-wal'))).toBe(false)
  })
})

describe('Monitoring', () => {
  const checks = (failed: Record<string, string>) => ({
    status: 503,
    body: {
      ready: false,
      checks: { process: 'ok', database: 'ok', migrations: 'ok', settings: 'ok', warehouse: 'ok', ...failed },
    },
  })
  const alive = { status: 200, body: { alive: true } }
  /** Waits for this readiness; the server caches its result for two seconds. */
  const waitForReadiness = (found: object) =>
    vi.waitFor(async () => expect(await probe('/readyz')).toEqual(found), { timeout: TIMEOUT_MS, interval: 100 })

  test('gets no response before the start, and an alive and ready process after it', async () => {
    expect(await probe('/healthz')).toBeNull()
    await startWeb()
    expect(await probe('/healthz')).toEqual(alive)
    expect(await probe('/readyz')).toMatchObject({ status: 200, body: { ready: true } })
  })

  test('reports a missing warehouse, with the reason in the log only, until it is back', async () => {
    renameSync(pathInFolder('home/warehouse'), pathInFolder('unmounted'))
    await waitForReadiness(checks({ warehouse: 'failed' }))
    expect(await probe('/healthz')).toEqual(alive)
    renameSync(pathInFolder('unmounted'), pathInFolder('home/warehouse'))
    await waitForReadiness({ status: 200, body: expect.objectContaining({ ready: true }) })
    const errors = web?.said.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error') ?? []
    const failed = errors.find(({ check }) => check === 'warehouse')
    expect(failed).toMatchObject({ error: { message: expect.stringContaining(pathInFolder('home/warehouse')) } })
  })

  test('reports a database that takes no writes, until it takes them again', async () => {
    const other = new DatabaseSync(pathInFolder('home/lakeshore.db'))
    other.exec('BEGIN IMMEDIATE')
    await waitForReadiness(checks({ database: 'failed' }))
    expect(await probe('/healthz')).toEqual(alive)
    other.exec('ROLLBACK')
    other.close()
    await waitForReadiness({ status: 200, body: expect.objectContaining({ ready: true }) })
  })

  test('reports that the process is stopping while it still takes requests, and each line of its log is JSON', async () => {
    // A request that is still on its way finds the process stopping, however slow the probes are.
    const late = new RawClient(Number(new URL(url).port))
    await late.write('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n')
    await probe('/healthz') // the server accepts connections in their order
    const stopped = stop(web)
    const probes: ({ status: number; body: unknown } | null)[] = []
    while (probes.at(-1) !== null) probes.push(await probe('/readyz'))
    await late.write('\r\n')
    const answer = await late.closed
    const stopping = {
      process: 'stopping',
      database: 'stopping',
      migrations: 'stopping',
      settings: 'stopping',
      warehouse: 'stopping',
    }
    expect(lastStatus(answer)).toBe(503)
    expect(answer).toContain(JSON.stringify({ ready: false, checks: stopping }))
    for (const refusal of probes.filter((found) => found?.status === 503))
      expect(refusal?.body).toEqual({ ready: false, checks: stopping })
    expect(await stopped).toBe(0)
    const lines = web?.said.map((line) => JSON.parse(line)) ?? []
    expect(lines.length).toBeGreaterThan(2)
    const documentedLine = JSON.parse(readRecipe('Monitoring', '{"level"'))
    for (const line of lines) {
      expect(line).toMatchObject({ level: expect.any(String), pid: web?.process.pid, message: expect.any(String) })
      expect(new Date(line.time).toISOString()).toBe(line.time)
    }
    const warehouse = lines.find(({ check }) => check === 'warehouse')
    expect(Object.keys(warehouse)).toEqual(Object.keys(documentedLine))
  })
})

describe('Secrets', () => {
  const CONNECTION = {
    name: 'elsewhere',
    settings: {
      kind: 'rest',
      uri: 'http://127.0.0.1:9/catalog',
      warehouse: null,
      prefix: null,
      auth: { kind: 'bearer' },
      headerNames: [],
      delegation: 'none',
      storage: null,
      mappings: [],
      ownCredentials: 'off',
    },
    secrets: { token: 'a-token-of-another-catalog' },
  }
  let admin: ConsoleClient
  let accessToken = ''
  let fileAddress = ''
  const send = (method: string, address: string, body: object) =>
    admin.fetch(address, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const fetchOtherNamespaces = () => admin.fetch('/api/v1/catalogs/elsewhere/namespaces')
  const readErrorCode = async (answer: Response) => ((await answer.json()) as { code?: string }).code

  const range = { headers: { range: 'bytes=0-3' } }
  const statuses = async () => ({
    session: (await admin.fetch('/api/v1/catalogs')).status,
    file: (await admin.fetch(fileAddress, range)).status,
    accessToken: (await requestCatalog('GET', 'config', { bearer: accessToken })).status,
    personalToken: (await requestCatalog('GET', 'config')).status,
  })

  test('open a session, a file, an engine and a connection', async () => {
    await startWeb()
    admin = await signIn(url, 'admin', PASSWORD)
    expect((await send('POST', '/api/v1/connections', CONNECTION)).status).toBe(200)
    expect(await readErrorCode(await fetchOtherNamespaces())).toBe('catalog-unavailable')
    const [, tokenId = '', secret = ''] = token.split('_')
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: tokenId,
      client_secret: secret,
      scope: 'catalog',
    })
    const exchanged = await fetch(`${url}/iceberg/v1/oauth/tokens`, { method: 'POST', body: form })
    accessToken = ((await exchanged.json()) as { access_token: string }).access_token
    const plan = await send('POST', `/api/v1/catalogs/${CATALOG}/namespaces/demo/tables/t/scans`, {})
    const { token: planToken } = (await plan.json()) as { token: string }
    fileAddress = `/api/v1/scans/${planToken}/files/0`
    expect(await statuses()).toEqual({ session: 200, file: 206, accessToken: 200, personalToken: 200 })
  })

  test('removing the file of LAKESHORE_SECRET rotates it: sessions, links to files and one-hour tokens end', async () => {
    expect(await stop(web)).toBe(0)
    rmSync(pathInFolder('home/secrets/secret'))
    await startWeb()
    expect(await statuses()).toEqual({ session: 401, file: 401, accessToken: 401, personalToken: 200 })
    admin = await signIn(url, 'admin', PASSWORD)
    expect((await admin.fetch(fileAddress, range)).status).toBe(403)
    // Sealed with another key, which did not change.
    expect(await readErrorCode(await fetchOtherNamespaces())).toBe('catalog-unavailable')
  })

  test('a changed LAKESHORE_SEALING_KEY closes connections, with a clear error, until their secrets are entered again', async () => {
    expect(await stop(web)).toBe(0)
    setSettings({ LAKESHORE_SEALING_KEY: 'another-key-of-many-different-characters' })
    await startWeb()
    expect((await admin.fetch('/api/v1/catalogs')).status).toBe(200)
    const refused = await fetchOtherNamespaces()
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({
      code: 'secrets-unreadable',
      title: 'The secrets of this connection cannot be decrypted',
      detail: 'The secrets of elsewhere were sealed with a different key than the current LAKESHORE_SEALING_KEY.',
    })
    expect((await requestCatalog('GET', `${CATALOG}/namespaces/demo/tables/t`)).status).toBe(200)

    const listed = await admin.fetch('/api/v1/connections')
    const { connections } = (await listed.json()) as { connections: { connectionId: string; version: number }[] }
    const [storedConnection] = connections
    const updatedConnection = { ...CONNECTION, version: storedConnection?.version }
    expect((await send('PUT', `/api/v1/connections/${storedConnection?.connectionId}`, updatedConnection)).status).toBe(
      200,
    )
    expect(await readErrorCode(await fetchOtherNamespaces())).toBe('catalog-unavailable')
  })
})

describe('Upgrade', () => {
  test('on one machine begins with a backup of the stopped home, which can be restored', async () => {
    expect((await setProperty('before')).status).toBe(200)
    expect(await stop(web)).toBe(0)
    const [backUp = '', ...rest] = readRecipe('Upgrade', 'npm run').trim().split('\n')
    expect(rest).toEqual(['git pull', 'npm run build'])
    await runCommand(fillIn(backUp, { '<backup>': pathInFolder('backup') }))
    const warehouse = fillIn(readRecipe('With SQLite', 'npm run lakeshore -- backup').trim().split('\n')[1] ?? '', {
      '<home>': pathInFolder('home'),
      '<backup>': pathInFolder('backup'),
    })
    await runCommand(warehouse)
    await runCommand('npm run build')

    // As if the new version had changed the database.
    const database = new DatabaseSync(pathInFolder('home/lakeshore.db'))
    database.exec("INSERT INTO lakeshore_migrations VALUES ('of-tomorrow', 1)")
    database.close()
    await expect(startWeb()).rejects.toThrow(/newer version of Lakeshore has changed this database \(of-tomorrow\)/)

    const [restore, untar] = readRecipe('With SQLite', 'npm run lakeshore -- restore').trim().split('\n')
    renameSync(pathInFolder('home'), pathInFolder('upgraded'))
    const recipeValues = { '<backup>': pathInFolder('backup'), '<new home>': pathInFolder('home') }
    for (const command of [restore, untar]) await runCommand(fillIn(command ?? '', recipeValues))
    await startWeb()
    const loaded = await requestCatalog('GET', `${CATALOG}/namespaces/demo/tables/t`)
    expect(await loaded.json()).toMatchObject({ metadata: { properties: { before: 'v' } } })
    expect((await setProperty('after')).status).toBe(200)
  })

  test('reports a running web process of the older version as not ready, although it answers', async () => {
    const database = new DatabaseSync(pathInFolder('home/lakeshore.db'))
    database.exec("INSERT INTO lakeshore_migrations VALUES ('of-tomorrow', 1)")
    while ((await probe('/readyz'))?.status !== 503) await pause(100)
    expect(await probe('/readyz')).toMatchObject({ body: { checks: { database: 'ok', migrations: 'failed' } } })
    expect((await setProperty('by the older')).status).toBe(200)
    const lines = web?.said.map((line) => JSON.parse(line)) ?? []
    expect(lines.find(({ check }) => check === 'migrations').message).toContain('of-tomorrow')
    const [command, args] = readUnitCommand('lakeshore-worker', 'ExecStart')
    const other = startCommand(command, args, readUnitEnvironment('lakeshore-worker'))
    expect(await other.ended).toBe(1)
    expect(other.said.join('\n')).toContain('A newer version of Lakeshore has changed this database (of-tomorrow)')
    database.exec("DELETE FROM lakeshore_migrations WHERE name = 'of-tomorrow'")
    database.close()
  })
})

describe('Users', () => {
  test('are added, changed, disabled, removed and listed by the commands of the page', async () => {
    const page = readFileSync('docs/operations.md', 'utf8')
    // A subject needs an identity provider, which these units have not, and a service account has no password.
    const rows = [...page.matchAll(/^\| `(user [^`]*)` \|/gm)]
      .map(([, command = '']) => command)
      .filter((command) => !/--(subject|service)/.test(command))
    const listings = new Map<string, string>()
    for (const row of rows) {
      const filledCommand = row
        .replace('<name>', 'ann')
        .replace('<role>', row.startsWith('user add') ? 'viewer' : 'editor')
      const needsPassword = /^user (add|passwd)/.test(row)
      const command = `npm run --silent lakeshore -- ${filledCommand}${needsPassword ? ' --password-stdin' : ''}`
      await runCommand(needsPassword ? `echo 'a password of hers' | ${command}` : command)
      listings.set(row, await runCommand('npm run --silent lakeshore -- user list'))
    }
    const name = /^ann\b.*$/m
    expect(
      [...listings].map(([row, list]) => [row.split(' ')[1], name.exec(list)?.[0].split(/\s+/).slice(0, 3)]),
    ).toEqual([
      ['add', ['ann', 'viewer', 'active']],
      ['passwd', ['ann', 'viewer', 'active']],
      ['role', ['ann', 'editor', 'active']],
      ['disable', ['ann', 'editor', 'disabled']],
      ['remove', undefined],
      ['list', undefined],
    ])
  })
})

describe('File modes', () => {
  test('of a home that was copied by hand are restricted again by the command of the page', async () => {
    await stop(web)
    const home = { ...readUnitEnvironment('lakeshore-web') }
    const start = async () => {
      const started = startCommand(...readUnitCommand('lakeshore-web', 'ExecStartPre'), home)
      return { code: await started.ended, said: started.said.join('\n') }
    }
    await runCommand(`chmod -R go+rX ${pathInFolder('home')}`)
    expect(await start()).toMatchObject({ code: 0, said: expect.stringContaining(`may read ${pathInFolder('home')}`) })
    const [, command = ''] = /`(chmod -R go= <home>)`/.exec(readFileSync('docs/operations.md', 'utf8')) ?? []
    await runCommand(fillIn(command, { '<home>': pathInFolder('home') }))
    expect(await start()).toMatchObject({ code: 0, said: expect.not.stringContaining('may read') })
    expect(statSync(pathInFolder('home/lakeshore.db')).mode & 0o777).toBe(0o600)
  })
})
