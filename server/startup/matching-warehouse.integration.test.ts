import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startMain } from '@/testing/processes/main-process'

/** Runs the real programs: each process checks the home as it finds it. */

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-lost-'))
  const { code, said } = await run('init')
  if (code !== 0) throw new Error(said)
  addTable()
  renameSync(pathOf('home'), pathOf('prepared'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
// Each test gets the home at the same path, which its tables name.
beforeEach(() => cpSync(pathOf('prepared'), pathOf('home'), { recursive: true }))
afterEach(() => ['home', 'unmounted'].forEach((name) => rmSync(pathOf(name), { recursive: true, force: true })))

const pathOf = (name: string) => path.join(folder, name)
const env = () => ({ LAKESHORE_HOME: pathOf('home'), LAKESHORE_LOG_LEVEL: 'error' })

/** Adds a row to the catalog, and the metadata file that it names. */
function addTable(): void {
  const file = pathOf('home/warehouse/ns/trips/metadata/00000-a.metadata.json')
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, '{}')
  const database = new DatabaseSync(pathOf('home/lakeshore.db'))
  const row = "INSERT INTO iceberg_tables VALUES ('local', 'ns', 'trips', ?, NULL, 'TABLE')"
  database.prepare(row).run(`file://${file}`)
  database.close()
}

async function run(...args: string[]) {
  const child = startMain('build/cli.mjs', args, env())
  const code = await child.ended
  return { code, out: child.out.join('\n'), said: child.said.join('\n') }
}

/** @returns the exit code and the output, if the worker ends by itself */
async function runWorker() {
  const child = startMain('build/worker.mjs', [], env())
  return { code: await child.ended, said: child.said.join('\n') }
}

describe('A start', () => {
  it.each([
    ['missing', () => rmSync(pathOf('home/lakeshore.db'))],
    ['empty', () => truncateSync(pathOf('home/lakeshore.db'), 0)],
    [
      'new, without a table',
      () => {
        rmSync(pathOf('home/lakeshore.db'))
        new DatabaseSync(pathOf('home/lakeshore.db')).close()
      },
    ],
  ])('next to a warehouse with tables fails when the database is %s, and creates nothing', async (_, loseState) => {
    loseState()
    const before = existsSync(pathOf('home/lakeshore.db'))
    const words = expect.stringMatching(/has tables already.*restore --from.*--accept-warehouse/s)
    expect(await run('init')).toMatchObject({ code: 1, out: '', said: words })
    expect(existsSync(pathOf('home/lakeshore.db'))).toBe(before)

    expect(await run('init', '--accept-warehouse')).toMatchObject({ code: 0 })
    expect(await run('init')).toMatchObject({ code: 0 })
  })

  it.each([
    ['missing', () => renameSync(pathOf('home/warehouse'), pathOf('unmounted'))],
    [
      'empty',
      () => {
        renameSync(pathOf('home/warehouse'), pathOf('unmounted'))
        mkdirSync(pathOf('home/warehouse'))
      },
    ],
    [
      'empty',
      () => {
        renameSync(pathOf('home/warehouse'), pathOf('unmounted'))
        mkdirSync(pathOf('home/warehouse/lost+found'), { recursive: true })
      },
    ],
  ])('with tables in the database fails when the warehouse is %s, and does not create it', async (state, loseState) => {
    loseState()
    const words = expect.stringMatching(new RegExp(`has 1 tables and views .* is ${state}.*--accept-warehouse`, 's'))
    expect(await run('init')).toMatchObject({ code: 1, out: '', said: words })
    expect(existsSync(pathOf('home/warehouse'))).toBe(state === 'empty')

    expect(await run('init', '--accept-warehouse')).toMatchObject({ code: 0 })
    expect(await run('init')).toMatchObject({ code: 0 })
  })

  // It makes the check of `init`, so one state of each kind shows that it does.
  it.each([
    ['the database', 'lakeshore.db', /has tables already.*restore --from.*--accept-warehouse/s],
    ['the warehouse', 'warehouse', /has 1 tables and views .* is missing.*--accept-warehouse/s],
  ])('of the worker without %s fails, too, and does not create it', async (_, name, words) => {
    rmSync(pathOf(`home/${name}`), { recursive: true })
    expect(await runWorker()).toMatchObject({ code: 1, said: expect.stringMatching(words) })
    expect(existsSync(pathOf(`home/${name}`))).toBe(false)
  })

  it('succeeds when the database and the warehouse are there', async () => {
    expect(await run('init')).toMatchObject({ code: 0 })
  })

  it('of a new home next to files that are not tables succeeds', async () => {
    for (const name of ['home/lakeshore.db', 'home/warehouse']) rmSync(pathOf(name), { recursive: true })
    mkdirSync(pathOf('home/warehouse/pictures/metadata'), { recursive: true })
    writeFileSync(pathOf('home/warehouse/pictures/metadata/one.json'), '{}')
    expect(await run('init')).toMatchObject({ code: 0 })
  })

  it('reports that it did not examine everything when the warehouse of a new home is very large', async () => {
    for (const name of ['home/lakeshore.db', 'home/warehouse']) rmSync(pathOf(name), { recursive: true })
    mkdirSync(pathOf('home/warehouse'))
    for (let i = 0; i <= 20_000; i += 1) writeFileSync(pathOf(`home/warehouse/${i}`), '')
    expect(await run('init')).toMatchObject({ code: 1, said: expect.stringContaining('more than 20000 files') })
  })

  it('reports how deep it looked when the folders of a new home are deeper', async () => {
    rmSync(pathOf('home'), { recursive: true })
    const deep = Array.from({ length: 33 }, (_, level) => `n${level}`).join('/')
    mkdirSync(pathOf(`home/warehouse/${deep}`), { recursive: true })
    const { code, said } = await run('init')
    expect({ code, said }).toMatchObject({
      code: 1,
      said: expect.stringMatching(/folders more than 32 deep, such as .*n31/),
    })
  })

  it('fails for a database that a newer version changed, and names the version to start', async () => {
    const database = new DatabaseSync(pathOf('home/lakeshore.db'))
    database.exec("INSERT INTO lakeshore_migrations VALUES ('of-tomorrow', 1)")
    database.close()
    const words = expect.stringMatching(/newer version of Lakeshore.*of-tomorrow/s)
    expect(await run('init')).toMatchObject({ code: 1, said: words })
    expect(await runWorker()).toMatchObject({ code: 1, said: words })
  })
})
