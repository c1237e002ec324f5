import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startMain } from '@/testing/processes/main-process'

/** The whole procedure with the programs as they are built. Each process uses the home where it finds it. */

const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-moved-'))
})

const at = (name: string) => path.join(folder, name)

async function run(home: string, ...verb: string[]) {
  const ran = startMain('build/cli.mjs', verb, { LAKESHORE_HOME: at(home), LAKESHORE_LOG_LEVEL: 'error' })
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const code = await ran.ended
  return { code, out: ran.out.join('\n'), said: ran.said.join('\n') }
}

/** Loads rows into a table, which is created when it does not exist. @returns how many rows the load committed */
async function load(home: string, table: string, ids: readonly number[], isNew: boolean) {
  writeFileSync(at('schema.json'), JSON.stringify(SCHEMA))
  writeFileSync(at('rows.csv'), ['id', ...ids].join('\n'))
  const create = isNew ? ['--create-schema', at('schema.json')] : []
  return run(home, 'ingest', '--table', table, '--file', at('rows.csv'), ...create)
}

describe('A home that was moved', () => {
  it('is followed: its tables open again and accept commits, and no file has two names', async () => {
    expect(await load('home', 'ns.trips', [1, 2, 3], true)).toMatchObject({ code: 0 })
    renameSync(at('home'), at('moved'))
    const refused = await load('moved', 'ns.trips', [4], false)
    expect(refused).toMatchObject({ code: 1, out: '', said: expect.stringContaining('home follow') })

    const preview = await run('moved', 'home', 'follow')
    expect(preview).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was changed.') })
    expect(preview.said).toContain(`in ${at('moved')}/warehouse: 1 table or view;`)
    expect(await run('moved', 'jobs', 'list')).toMatchObject({ code: 1 })

    expect(await run('moved', 'home', 'follow', '--yes')).toMatchObject({ code: 0 })
    expect(await load('moved', 'ns.trips', [4, 5], false)).toMatchObject({ code: 0 })
    expect(await load('moved', 'ns.more', [1], true)).toMatchObject({ code: 0 })
    expect(existsSync(at('home'))).toBe(false)
    const locations = metadataLocations()
    expect(locations).toHaveLength(2)
    for (const location of locations) {
      expect(location).toMatch(new RegExp(`^file://${at('home')}/warehouse/ns/(trips|more)/metadata/`))
      expect(existsSync(location.replace(`file://${at('home')}`, at('moved')))).toBe(true)
    }
    expect(await run('moved', 'home', 'follow')).toMatchObject({ code: 0, said: expect.stringContaining('nothing') })
    expect((await run('moved', 'home', 'show')).out).toContain(`files are below\tfile://${at('moved')}/warehouse`)
  })

  it('is followed again, also back to its first location', async () => {
    expect(await load('home', 'ns.trips', [1], true)).toMatchObject({ code: 0 })
    for (const [from, to, id] of [
      ['home', 'second', 2],
      ['second', 'third', 4],
    ] as const) {
      renameSync(at(from), at(to))
      expect(await run(to, 'home', 'follow', '--yes')).toMatchObject({ code: 0 })
      expect(await load(to, 'ns.trips', [id], false)).toMatchObject({ code: 0 })
    }
    renameSync(at('third'), at('home'))
    expect(await load('home', 'ns.trips', [3], false)).toMatchObject({ code: 0 })
    expect(metadataLocations('home')).toEqual([expect.stringMatching(`^file://${at('home')}/warehouse/`)])
  })

  it('is used in its new location as if it had been created there when it has no table', async () => {
    expect(await run('home', 'init')).toMatchObject({ code: 0 })
    renameSync(at('home'), at('moved'))
    expect(await run('moved', 'home', 'follow')).toMatchObject({ code: 0 })
    expect(await load('moved', 'ns.trips', [1], true)).toMatchObject({ code: 0 })
    expect(metadataLocations()).toEqual([expect.stringMatching(`^file://${at('moved')}/warehouse/`)])
  })

  it('is not followed without its warehouse', async () => {
    expect(await load('home', 'ns.trips', [1], true)).toMatchObject({ code: 0 })
    mkdirSync(at('moved'))
    for (const name of readdirSync(at('home')).filter((name) => name !== 'warehouse')) {
      renameSync(path.join(at('home'), name), path.join(at('moved'), name))
    }
    expect(await run('moved', 'home', 'follow', '--yes')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/None of the 1 tables .* Nothing was changed/s),
    })
  })
})

function metadataLocations(home = 'moved'): string[] {
  const database = new DatabaseSync(path.join(at(home), 'lakeshore.db'), { readOnly: true })
  try {
    const rows = database.prepare('SELECT metadata_location AS location FROM iceberg_tables').all()
    return rows.map(({ location }) => String(location))
  } finally {
    database.close()
  }
}
