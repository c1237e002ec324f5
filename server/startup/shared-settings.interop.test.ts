import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { bundleMain, startMain } from '@/testing/processes/main-process'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from '@/testing/databases/test-postgres'

/** Homes of two machines with one database, and the real programs. */

const server = await installOrSkip('PostgreSQL', () => startSharedPostgres('newest'))

let folder: string
let cli: string
let worker: string
let postgres: TestDatabase | null = null
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-names-'))
  ;[cli, worker] = await Promise.all([bundleMain('cli', 'cli-of-names'), bundleMain('worker', 'worker-of-names')])
  postgres = server && (await createTestDatabase(server))
})
afterAll(async () => {
  await postgres?.drop()
  for (const created of [cli, worker, folder]) rmSync(created, { recursive: true, force: true })
})

const settings = (home: string, extra: Record<string, string> = {}) => ({
  LAKESHORE_HOME: path.join(folder, home),
  LAKESHORE_WAREHOUSE: path.join(folder, 'warehouse'),
  LAKESHORE_DATABASE_URL: postgres?.url ?? '',
  LAKESHORE_SHARED_FILES: 'true',
  LAKESHORE_SECRET: 'a-secret-of-many-different-characters-0',
  LAKESHORE_SEALING_KEY: 'a-sealing-key-of-different-characters-1',
  LAKESHORE_LOG_LEVEL: 'error',
  ...extra,
})

async function run(bundle: string, args: readonly string[], env: Record<string, string>) {
  const child = startMain(bundle, args, env)
  const code = await child.ended
  return { code, said: child.said.join('\n') }
}

describe.skipIf(server === null)('A database of many machines (skipped if PostgreSQL is not available)', () => {
  it('has one catalog, and refuses a start with another catalog name', async () => {
    expect((await run(cli, ['init'], settings('one', { LAKESHORE_CATALOG_NAME: 'lake' }))).code).toBe(0)
    for (const [bundle, args] of [
      [cli, ['init']],
      [worker, []],
    ] as const) {
      const { code, said } = await run(bundle, args, settings('two'))
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(/^LAKESHORE_CATALOG_NAME is "local" here, but .* holds the catalog "lake"\. /),
      ])
    }
    expect((await run(cli, ['init'], settings('three', { LAKESHORE_CATALOG_NAME: 'lake' }))).code).toBe(0)
  })

  it('has one pair of secrets and one warehouse, and refuses a start with others', async () => {
    const own = { LAKESHORE_CATALOG_NAME: 'lake' }
    const others = [
      ['LAKESHORE_SECRET', 'a-secret-of-many-different-characters-9'],
      ['LAKESHORE_SEALING_KEY', 'a-sealing-key-of-different-characters-9'],
      ['LAKESHORE_WAREHOUSE', path.join(folder, 'elsewhere')],
    ] as const
    for (const [name, other] of others) {
      for (const [bundle, args] of [
        [cli, ['init']],
        [cli, ['user', 'list']],
        [worker, []],
      ] as const) {
        const { code, said } = await run(bundle, args, settings('five', { ...own, [name]: other }))
        expect([name, code, said]).toEqual([
          name,
          1,
          expect.stringMatching(new RegExp(`nothing was changed:\\n {2}${name} is .*--accept-`)),
        ])
      }
    }
    expect(existsSync(path.join(folder, 'elsewhere'))).toBe(false)
    expect((await run(cli, ['init'], settings('five', own))).code).toBe(0)
  })

  it('accepts other secrets for all of its processes on request, and no others after that', async () => {
    const own = { LAKESHORE_CATALOG_NAME: 'lake' }
    const rotated = { ...own, LAKESHORE_SECRET: 'a-secret-of-many-different-characters-2' }
    const accepted = await run(cli, ['init', '--accept-secrets'], settings('one', rotated))
    expect([accepted.code, accepted.said]).toEqual([
      0,
      expect.stringContaining('LAKESHORE_SECRET: every process needs the values that are set here from now on.'),
    ])
    expect((await run(cli, ['user', 'list'], settings('three', rotated))).code).toBe(0)
    expect(await run(cli, ['user', 'list'], settings('three', own))).toMatchObject({
      code: 1,
      said: expect.stringContaining('LAKESHORE_SECRET is not the one'),
    })
    expect((await run(cli, ['init', '--accept-secrets'], settings('one', own))).code).toBe(0)
  })

  it('refuses a start with secrets that one home generated', async () => {
    const { code, said } = await run(worker, [], settings('four', { LAKESHORE_SECRET: '', LAKESHORE_SHARED_FILES: '' }))
    expect(code).toBe(1)
    expect(said).toMatch(
      /^LAKESHORE_DATABASE_URL lets .*\n {2}LAKESHORE_SECRET is not set.*\n {2}LAKESHORE_WAREHOUSE: /,
    )
  })
})
