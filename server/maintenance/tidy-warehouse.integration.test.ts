import { execFileSync } from 'node:child_process'
import { lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'
import { followRun, withWorker } from '@/server/jobs/follow-run'
import { TIDY_WAREHOUSE, tidyWarehouseRuns, tidyWarehouseSchedule } from './tidy-warehouse'

const home = createTestHome()

/** Writes a file and is killed by SIGKILL in the middle: with the draft there, or with an empty folder. */
const WRITER = `
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { services } from '@/testing/homes/program-services'
const [, , location, at] = process.argv
const die = async () => {
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
}
if (at === 'link') fs.link = die
const { open } = fs
if (at === 'open') fs.open = async (file, flags) => (flags === 'wx' ? die() : open(file, flags))
syncBuiltinESMExports()
void services.stores.catalogStore('local').writeNew(location, new Uint8Array(100_000))
`

const REF = { catalog: 'local', namespace: ['demo'], table: 't' }
const DRAFT = '.00001-a.metadata.json.3f1d3c62-7d5b-4c0e-9a66-0a4b6a1f2c3d.tmp'
let program: string
let warehouse: string

beforeAll(async () => {
  program = await bundleProgram(WRITER, home.config.homeDir)
  warehouse = home.config.warehouse.slice('file://'.length)
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({ kind: 'create-table', table: REF, schema: ONE_COLUMN_SCHEMA })
  await appendTenRows(home.services, REF)
})
beforeEach(() => ageFiles())

async function killWriter(file: string, at: 'link' | 'open'): Promise<void> {
  const { ended } = startProgram(home.config, program, [`${home.config.warehouse}/${file}`, at])
  expect(await ended, 'it was killed').toBeNull()
}

/** Makes everything look two hours old. */
function ageFiles(): void {
  const seconds = Date.now() / 1000 - 2 * 60 * 60
  for (const name of listWarehouse()) lutimesSync(path.join(warehouse, name), seconds, seconds)
}

const listWarehouse = () => readdirSync(warehouse, { recursive: true, encoding: 'utf8' }).sort()

async function runTidy() {
  const task = { kind: TIDY_WAREHOUSE, title: 'tidy', spec: {}, actor: COMMAND_LINE, table: null }
  const id = await queueRun(home.database, task)
  const run = await withWorker(home.services, { [TIDY_WAREHOUSE]: tidyWarehouseRuns(home.config) }, () =>
    followRun(home.database, id, { signal: new AbortController().signal, onProgress: () => {}, pollMs: 5 }),
  )
  return { ...run, said: (await readLog(home.database, id, 0, 10)).map(({ text }) => text) }
}

describe('The leftovers of a killed write', () => {
  it('stay until they are old, and are then removed with their folders', async () => {
    const before = listWarehouse()
    await killWriter('killed/one/metadata/a.json', 'link')
    await killWriter('killed/two/metadata/a.json', 'open')
    await killWriter('demo/t/data/kind=x/a.parquet', 'open')
    const leftovers = listWarehouse().filter((name) => !before.includes(name))
    expect(leftovers).toEqual([
      'demo/t/data/kind=x',
      'killed',
      'killed/one',
      'killed/one/metadata',
      expect.stringMatching(/^killed\/one\/metadata\/\.a\.json\.[\da-f-]{36}\.tmp$/),
      'killed/two',
      'killed/two/metadata',
    ])
    expect(await runTidy()).toMatchObject({ state: 'succeeded', outcome: { drafts: 0, folders: 0 } })
    expect(listWarehouse().filter((name) => !before.includes(name))).toEqual(leftovers)

    ageFiles()
    const run = await runTidy()
    expect(run).toMatchObject({ state: 'succeeded', outcome: { drafts: 1, folders: 6 } })
    expect(run.said).toContainEqual(
      expect.stringMatching(/^1 unfinished file and 6 empty folders removed; \d+ names read\.$/),
    )
    expect(listWarehouse()).toEqual(before)
    expect(await verifyTable(home.services, REF)).toMatchObject({ rows: 10 })
  })

  it('next to a table’s files are removed alone, and the table is unchanged', async () => {
    const before = listWarehouse()
    await killWriter('demo/t/metadata/b.json', 'link')
    expect(listWarehouse()).toHaveLength(before.length + 1)
    ageFiles()
    expect(await runTidy()).toMatchObject({ outcome: { drafts: 1, folders: 0 } })
    expect(listWarehouse()).toEqual(before)
    expect(await verifyTable(home.services, REF)).toMatchObject({ rows: 10 })
  })
})

it('Nothing else is removed, however old or similar it is', async () => {
  const pathOf = (name: string) => path.join(warehouse, 'theirs', name)
  mkdirSync(pathOf('plans'), { recursive: true })
  mkdirSync(pathOf(`metadata/${DRAFT}/x`), { recursive: true })
  writeFileSync(pathOf(`metadata/${DRAFT}/x/file`), '')
  const elsewhere = path.join(home.config.homeDir, 'elsewhere')
  mkdirSync(path.join(elsewhere, 'data'), { recursive: true })
  symlinkSync(elsewhere, pathOf('link'))
  symlinkSync(elsewhere, pathOf(DRAFT))
  execFileSync('mkfifo', [pathOf(DRAFT.replace('a.metadata', 'pipe'))])
  for (const name of [
    DRAFT.slice(1),
    DRAFT.replace('.tmp', '.txt'),
    '.x.tmp',
    `${DRAFT}.tmp.old`,
    'a.tmp',
    '.hidden',
  ]) {
    writeFileSync(pathOf(name), 'theirs')
  }
  ageFiles()
  writeFileSync(pathOf(DRAFT.replace('00001-a', 'young')), 'half')
  mkdirSync(pathOf('metadata/young'))
  const before = listWarehouse()
  expect(before).toContain('theirs/link/data')
  expect(await runTidy()).toMatchObject({ outcome: { drafts: 0, folders: 0 } })
  expect(listWarehouse()).toEqual(before)
})

it('runs every night', () => {
  expect(tidyWarehouseSchedule(Date.UTC(2026, 0, 1), 0.5)).toMatchObject({ kind: TIDY_WAREHOUSE, cron: '30 3 * * *' })
})
