import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { peer } from '@/scripts/interop/peer'
import { bundleMain, startMain } from '@/scripts/main-process'
import { createTestDatabase, sharedPostgres, type TestDatabase } from '@/scripts/test-postgres'

/** Homes of two machines with one database, and the programs as they are run. */

const server = await peer('PostgreSQL', () => sharedPostgres('newest'))

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
  for (const made of [cli, worker, folder]) rmSync(made, { recursive: true, force: true })
})

const settings = (home: string, more: Record<string, string> = {}) => ({
  LAKESHORE_HOME: path.join(folder, home),
  LAKESHORE_WAREHOUSE: path.join(folder, 'warehouse'),
  LAKESHORE_DATABASE_URL: postgres?.url ?? '',
  LAKESHORE_SHARED_FILES: 'true',
  LAKESHORE_SECRET: 'a-secret-of-many-different-characters-0',
  LAKESHORE_SEALING_KEY: 'a-sealing-key-of-different-characters-1',
  LAKESHORE_LOG_LEVEL: 'error',
  ...more,
})

async function run(bundle: string, verb: readonly string[], env: Record<string, string>) {
  const ran = startMain(bundle, verb, env)
  const code = await ran.ended
  return { code, said: ran.said.join('\n') }
}

describe.skipIf(server === null)('A database of many machines', () => {
  it('has one catalog, whose name a start must not differ from', async () => {
    expect((await run(cli, ['init'], settings('one', { LAKESHORE_CATALOG_NAME: 'lake' }))).code).toBe(0)
    for (const [bundle, verb] of [
      [cli, ['init']],
      [worker, []],
    ] as const) {
      const { code, said } = await run(bundle, verb, settings('two'))
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(/^LAKESHORE_CATALOG_NAME is "local" here, but .* holds the catalog "lake"\. /),
      ])
    }
    expect((await run(cli, ['init'], settings('three', { LAKESHORE_CATALOG_NAME: 'lake' }))).code).toBe(0)
  })

  it('is not started on with secrets of one home', async () => {
    const { code, said } = await run(worker, [], settings('four', { LAKESHORE_SECRET: '', LAKESHORE_SHARED_FILES: '' }))
    expect(code).toBe(1)
    expect(said).toMatch(
      /^LAKESHORE_DATABASE_URL lets .*\n {2}LAKESHORE_SECRET is not set.*\n {2}LAKESHORE_WAREHOUSE: /,
    )
  })
})
