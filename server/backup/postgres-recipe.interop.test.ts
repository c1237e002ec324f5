import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillDatabase } from '@/testing/conformance/database/fill-database'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { runToEnd } from '@/testing/processes/run-to-end'
import { bundleMain, startMain } from '@/testing/processes/main-process'
import { ensurePostgresClient } from '@/testing/databases/postgres-client'
import { createDatabaseForTest, openForTest } from '@/testing/databases/postgres-faults'
import { startSharedPostgres } from '@/testing/databases/test-postgres'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'

/** Runs the commands from docs/operations.md, *Backup and restore*, with a client of the server's version. */

const TIMEOUT_MS = 120_000
const AUDIT_ROWS = 500

/** The oldest supported server, which most machines' pg_dump can dump. */
const server = await installOrSkip('PostgreSQL', () => startSharedPostgres('oldest'))
const client = server && (await installOrSkip('A client of PostgreSQL', () => ensurePostgresClient(server.version)))

let cli = ''
let folder = ''
beforeAll(async () => {
  cli = await bundleMain('cli', 'cli-of-the-postgres-recipe')
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-recipe-'))
})
afterAll(() => {
  for (const name of [cli, folder]) rmSync(name, { recursive: true, force: true })
})

async function copy(home: string, ...args: string[]): Promise<string[]> {
  const env = { LAKESHORE_HOME: path.join(folder, home), LAKESHORE_LOG_LEVEL: 'error' }
  const ran = startMain(cli, ['state', 'copy', ...args], env)
  if ((await ran.ended) !== 0) throw new Error(ran.said.join('\n'))
  return ran.out
}

/** Runs a command from the documentation, with its placeholders in angle brackets and its variables filled in. */
async function runRecipe(program: 'pg_dump' | 'pg_restore', values: Record<string, string>): Promise<void> {
  const text = readFileSync('docs/operations.md', 'utf8')
  const [, line] = new RegExp(`^ *(${program} .*)$`, 'm').exec(text) ?? []
  if (line === undefined) throw new Error(`the documentation has no ${program}`)
  const filled = Object.entries(values).reduce((command, [name, value]) => command.replaceAll(name, value), line)
  const whole = filled.replace(program, (program === 'pg_dump' ? client?.pgDump : client?.pgRestore) ?? program)
  await runToEnd('sh', ['-c', whole], { timeoutMs: TIMEOUT_MS })
}

describe.skipIf(client === null)(
  'A state in PostgreSQL (skipped without a server and a pg_dump that can dump it)',
  () => {
    test('can be dumped and restored into a new database, where it is the same and can be changed', async () => {
      fillDatabase(path.join(folder, 'home', 'lakeshore.db'), AUDIT_ROWS)
      const [one, two] = [
        await createDatabaseForTest(server ?? { url: '' }),
        await createDatabaseForTest(server ?? { url: '' }),
      ]
      const digests = await copy('home', '--to', one.url)
      const lakeshore = await openForTest(one.url)
      await lakeshore.read(rawQuery('SELECT 1 AS one'))
      const values = { '<backup>': folder, '"$LAKESHORE_DATABASE_URL"': `'${one.url}'`, '"$NEW_URL"': `'${two.url}'` }
      await runRecipe('pg_dump', values)
      expect(existsSync(path.join(folder, 'lakeshore.dump'))).toBe(true)
      await lakeshore.close()
      await runRecipe('pg_restore', values)
      expect(await copy('back', '--from', two.url)).toEqual(digests)

      const restored = await openForTest(two.url)
      const entry = "INSERT INTO audit (id, at_ms, actor_id, actor_name, action) VALUES ('next', 1, 'a', 'a', 'a')"
      await restored.commit([rawChange(entry)])
      expect(await restored.read(rawQuery('SELECT max(seq) AS seq FROM audit'))).toEqual([{ seq: AUDIT_ROWS * 3 + 1 }])
    })
  },
)
