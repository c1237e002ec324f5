import { execFile } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from '@/testing/processes/run-to-end'
import { startMain } from '@/testing/processes/main-process'
import { bundleProgram } from '@/testing/processes/program-process'
import { createRestClientAs } from '@/testing/catalogs/rest-client'
import { createServicesAt } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import type { Services } from '@/server/services'
import { readLiveFiles } from '@/server/table/files/live-files'

/** Runs the real programs on their own homes; this process serves the restored one. */

const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const LOADERS = ['one', 'two']
const COMMITTERS = ['three', 'four']

/** Commits to its own table as fast as it can until it is killed; prints a line for each commit. */
const COMMITTER = `
import { services } from '@/testing/homes/program-services'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
async function main() {
  const catalog = await openTestCatalog(services)
  const ref = { catalog: 'local', namespace: ['ns'], table: process.argv[2] ?? '' }
  await catalog.write({ kind: 'create-table', table: ref, schema: ONE_COLUMN_SCHEMA, properties: {} })
  for (let i = 0; ; i += 1) {
    const change = { requirements: [], updates: [{ action: 'set-properties', updates: { n: String(i) } }] }
    await catalog.write({ kind: 'commit-table', table: ref, change })
    process.stdout.write(i + '\\n')
  }
}
void main()
`

const cli = 'build/cli.mjs'
let folder = ''
/** The services of the restored home, once it exists. */
let services: Services | undefined
const at = (name: string) => path.join(folder, name)
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-backup-'))
  writeFileSync(at('schema.json'), JSON.stringify(SCHEMA))
  const { code, said } = await run('init')
  if (code !== 0) throw new Error(said)
})
afterAll(async () => {
  await services?.database.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(...verb: string[]) {
  const ran = startMain(cli, verb, { LAKESHORE_HOME: at('home'), LAKESHORE_LOG_LEVEL: 'error' })
  const code = await ran.ended
  return { code, out: ran.out.join('\n'), said: ran.said.join('\n') }
}

/** Loads ten rows at a time until it is stopped. */
class Loader {
  readonly #tableName: string
  committedRows = 0
  readonly #stop = new AbortController()
  readonly ended: Promise<void>

  constructor(table: string) {
    this.#tableName = table
    this.ended = this.#load()
  }

  stop(): Promise<void> {
    this.#stop.abort()
    return this.ended
  }

  async #load(): Promise<void> {
    const file = at(`${this.#tableName}.csv`)
    while (!this.#stop.signal.aborted) {
      const ids = Array.from({ length: 10 }, (_, i) => this.committedRows + i)
      writeFileSync(file, ['id', ...ids].join('\n'))
      const create = this.committedRows === 0 ? ['--create-schema', at('schema.json')] : []
      const { code, said } = await run('ingest', '--table', `ns.${this.#tableName}`, '--file', file, ...create)
      if (code !== 0) throw new Error(said)
      this.committedRows += 10
    }
  }
}

/**
 * Runs the command that `backup` and `restore` print. tar exits with code 1 when a folder gained a file during the
 * copy.
 */
async function tar(words: string): Promise<void> {
  const [, command] = /^ {2}tar (.*)$/m.exec(words) ?? []
  if (command === undefined) throw new Error(`no command is in: ${words}`)
  const said = await runToEnd('sh', ['-c', `tar ${command} 2>&1`], { timeoutMs: 60_000, okCodes: [0, 1] })
  const lines = said.split('\n').filter((line) => line !== '' && !line.endsWith('file changed as we read it'))
  if (lines.length > 0) throw new Error(said)
}

async function countRows(services: Services, table: string): Promise<{ read: number; promised: number }> {
  const catalog = await openTestCatalog(services)
  const loaded = await catalog.loadTable({ catalog: 'local', namespace: ['ns'], table })
  const snapshot = loaded.metadata.snapshots.at(-1) ?? null
  const files = await readLiveFiles(services.manifestCache, loaded, snapshot, {
    store: services.stores.catalogStore(catalog.name),
  })
  let read = 0
  for (const { dataFile } of files) {
    const [row] = await queryDuckdb(
      `SELECT count(*) FROM read_parquet('${services.stores.localPath(dataFile.filePath)}')`,
    )
    read += Number(row?.[0])
  }
  return { read, promised: Number(snapshot?.summary['total-records'] ?? 0) }
}

describe('A home that four writers commit to', () => {
  it('can be backed up meanwhile; restored elsewhere, every table reads all its rows and accepts commits', async () => {
    const program = await bundleProgram(COMMITTER, folder)
    const loaders = LOADERS.map((table) => new Loader(table))
    while (loaders.some(({ committedRows }) => committedRows < 10)) await wait(20)
    const env = { LAKESHORE_HOME: at('home'), LAKESHORE_LOG_LEVEL: 'error' }
    const committers = COMMITTERS.map((table) => startMain(program, [table], env))
    while (committers.some(({ out }) => out.length < 5)) await wait(20)

    const before = [...loaders.map(({ committedRows }) => committedRows), ...committers.map(({ out }) => out.length)]
    const backedUp = await run('backup', '--to', at('backup'))
    expect(backedUp).toMatchObject({ code: 0, out: at('backup'), said: expect.stringContaining('after the database') })
    await tar(backedUp.said)
    const after = [...loaders.map(({ committedRows }) => committedRows), ...committers.map(({ out }) => out.length)]
    expect(after.slice(2).every((count, i) => count > (before[i + 2] ?? 0))).toBe(true)
    for (const { process } of committers) process.kill('SIGKILL')
    await Promise.all([...committers.map(({ ended }) => ended), ...loaders.map((loader) => loader.stop())])

    const restored = await run('restore', '--from', at('backup'), '--home', at('restored'))
    expect(restored).toMatchObject({ code: 0, out: at('restored') })
    await tar(restored.said)
    rmSync(at('home'), { recursive: true })
    services = createServicesAt(at('restored'))
    for (const [i, table] of LOADERS.entries()) {
      const { read, promised } = await countRows(services, table)
      expect(read).toBe(promised)
      expect(read).toBeGreaterThanOrEqual(before[i] ?? 0)
    }
    const send = await createRestClientAs(services, 'editor')
    for (const table of [...LOADERS, ...COMMITTERS]) {
      const url = `local/namespaces/ns/tables/${table}`
      expect(await send('GET', url)).toMatchObject({ status: 200 })
      const body = { requirements: [], updates: [{ action: 'set-properties', updates: { after: 'restore' } }] }
      expect(await send('POST', url, { body })).toMatchObject({ status: 200 })
    }
    expect(existsSync(at('home'))).toBe(false)
  })

  it('is complete in the backup: each file readable by its owner only, with its digest, and the row count of each table', () => {
    const readMode = (name: string) => (statSync(at(`backup/${name}`)).mode & 0o777).toString(8)
    const files = ['backup.json', 'lakeshore.db', 'catalog-name', 'secrets/secret', 'secrets/sealing-key']
    expect(files.map(readMode)).toEqual(files.map(() => '600'))
    expect([readMode('.'), readMode('secrets')]).toEqual(['700', '700'])
    const manifest = JSON.parse(readFileSync(at('backup/backup.json'), 'utf8'))
    expect(manifest.files.map((file: { path: string }) => file.path)).toEqual(
      expect.arrayContaining(files.filter((name) => name !== 'backup.json')),
    )
    const database = new DatabaseSync(at('backup/lakeshore.db'), { readOnly: true })
    for (const [table, count] of Object.entries(manifest.rowCounts)) {
      expect(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()).toEqual({ count })
    }
    database.close()
    expect(manifest.rowCounts).toMatchObject({ iceberg_tables: 4 })
    expect(readdirSync(at('backup')).toSorted()).not.toContain('lakeshore.db-wal')
  })
})

describe('A restore', () => {
  it('into an existing home is refused and leaves it unchanged', async () => {
    const before = readFileSync(at('restored/lakeshore.db'))
    const { code, said } = await run('restore', '--from', at('backup'), '--home', at('restored'))
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining('is already a home') })
    expect(readFileSync(at('restored/lakeshore.db'))).toEqual(before)
  })

  it.each([
    [
      'has other bytes than were backed up',
      () => appendFileSync(at('copy/lakeshore.db'), 'x'),
      'differs from what was backed',
    ],
    ['lacks a file', () => rmSync(at('copy/secrets/secret')), 'is missing in the backup'],
    ['was not finished', () => rmSync(at('copy/backup.json')), 'not a complete backup'],
    [
      'is of a newer version',
      () => replaceIn('copy/backup.json', '"migrations": [', '"migrations": ["of-tomorrow",'),
      'newer version of Lakeshore',
    ],
    [
      'names a file elsewhere',
      () => replaceIn('copy/backup.json', '"path": "catalog-name"', '"path": "../catalog-name"'),
      'is damaged',
    ],
  ])('of a backup that %s is refused, and makes nothing', async (_, damage, words) => {
    await promisify(execFile)('cp', ['-a', at('backup'), at('copy')])
    damage()
    const { code, said } = await run('restore', '--from', at('copy'), '--home', at('new'))
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining(words) })
    expect(existsSync(at('new'))).toBe(false)
    rmSync(at('copy'), { recursive: true })
  })
})

describe('A backup', () => {
  it('into a folder that is not empty, or in the warehouse, is refused and leaves it unchanged', async () => {
    mkdirSync(at('full'))
    writeFileSync(at('full/mine'), 'mine')
    const home = { LAKESHORE_HOME: at('restored'), LAKESHORE_LOG_LEVEL: 'error' }
    const refused = startMain(cli, ['backup', '--to', at('full')], home)
    expect(await refused.ended).toBe(1)
    expect(refused.said.join()).toContain('not empty')
    expect(readdirSync(at('full'))).toEqual(['mine'])
    const among = startMain(cli, ['backup', '--to', at('restored/warehouse/backup')], home)
    expect(await among.ended).toBe(1)
    expect(among.said.join()).toContain('is in the warehouse')
  })

  it('of a home with its state in PostgreSQL names pg_dump instead', async () => {
    const LAKESHORE_DATABASE_URL = 'postgres://u:p@127.0.0.1:1/lake'
    const ran = startMain(cli, ['backup', '--to', at('none')], {
      LAKESHORE_HOME: at('restored'),
      LAKESHORE_DATABASE_URL,
    })
    expect(await ran.ended).toBe(1)
    expect(ran.said.join('\n')).toContain('pg_dump --format=custom --schema=lakeshore')
    expect(existsSync(at('none'))).toBe(false)
  })

  it('of a damaged database is refused and leaves nothing', async () => {
    const home = at('damaged')
    expect((await run('restore', '--from', at('backup'), '--home', home)).code).toBe(0)
    const database = new DatabaseSync(path.join(home, 'lakeshore.db'))
    const { pgno } = database.prepare("SELECT rootpage AS pgno FROM sqlite_schema WHERE name = 'runs'").get() as {
      pgno: number
    }
    database.close()
    const bytes = readFileSync(path.join(home, 'lakeshore.db'))
    bytes.fill(0xa5, (pgno - 1) * 4096, (pgno - 1) * 4096 + 64)
    writeFileSync(path.join(home, 'lakeshore.db'), bytes)
    const ran = startMain(cli, ['backup', '--to', at('of-damaged')], { LAKESHORE_HOME: home })
    expect(await ran.ended).toBe(1)
    expect(ran.said.join()).toContain('damaged')
    expect(readdirSync(at('of-damaged'))).toEqual([])
  })
})

function replaceIn(file: string, from: string, to: string): void {
  writeFileSync(at(file), readFileSync(at(file), 'utf8').replace(from, to))
}
