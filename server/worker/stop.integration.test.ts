import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startMain } from '@/testing/processes/main-process'
import { createTestHome } from '@/testing/homes/test-home'
import { addUser, listUsers } from '@/server/db/auth/users'
import { isWorkerAlive } from '@/server/db/jobs/workers'

const home = createTestHome()

/** Generous, because machines may be slow. */
const WAIT = { timeout: 100_000 }
const env = () => ({ LAKESHORE_HOME: home.config.homeDir, LAKESHORE_LOG_LEVEL: 'error' })

describe('A stop leaves the whole database in one file', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('of the worker, with %s', async (signal) => {
    const worker = startMain('build/worker.mjs', [], env())
    onTestFinished(() => void worker.process.kill('SIGKILL'))
    await vi.waitUntil(() => isWorkerAlive(home.database), WAIT)
    for (let i = 0; i < 50; i += 1) await addPerson(`${signal}-${i}`)
    const names = (await listUsers(home.database)).map(({ username }) => username)
    await home.restart()
    expect(existsSync(`${home.config.databaseFile}-wal`)).toBe(true)
    worker.process.kill(signal)
    expect(await worker.ended).toBe(0)
    expect(existsSync(`${home.config.databaseFile}-wal`)).toBe(false)
    expect(namesInFileAlone()).toEqual(names)
  })

  it.skipIf(!hasScript())(
    'of the worker, when its terminal is closed (skipped without the program `script`)',
    async () => {
      const terminal = spawn(
        'script',
        ['--quiet', '--command', 'node --conditions=react-server build/worker.mjs', '/dev/null'],
        {
          env: { ...process.env, ...env(), LAKESHORE_LOG_LEVEL: 'info' },
          stdio: ['pipe', 'pipe', 'ignore'],
        },
      )
      onTestFinished(() => void terminal.kill('SIGKILL'))
      let shown = ''
      terminal.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString('utf8')))
      await vi.waitUntil(() => shown.includes('worker starts') && isWorkerAlive(home.database), WAIT)
      await addPerson('terminal')
      await home.restart()
      terminal.kill('SIGKILL')
      await vi.waitUntil(() => !existsSync(`${home.config.databaseFile}-wal`), WAIT)
      expect(namesInFileAlone()).toContain('terminal')
    },
  )

  it('of the command line, even after a failed command', async () => {
    await addPerson('before')
    await home.restart()
    const run = startMain('build/cli.mjs', ['user', 'role', 'nobody', 'viewer'], env())
    expect(await run.ended).toBe(1)
    expect(run.said.join('\n')).toContain('There is no user nobody')
    expect(existsSync(`${home.config.databaseFile}-wal`)).toBe(false)
    expect(namesInFileAlone()).toContain('before')
  })
})

function hasScript(): boolean {
  return spawnSync('script', ['--version']).status === 0
}

it('A worker says in one sentence why its home cannot be used', async () => {
  const LAKESHORE_HOME = path.join(home.config.homeDir, 'catalog-name')
  const worker = startMain('build/worker.mjs', [], { ...env(), LAKESHORE_HOME })
  expect(await worker.ended).toBe(1)
  expect(worker.said).toEqual([
    expect.stringMatching(/^LAKESHORE_HOME: .*\/catalog-name\S* cannot be used: it is a file/),
  ])
})

async function addPerson(username: string): Promise<void> {
  await addUser(home.database, { username, passwordHash: '', hasGeneratedPassword: false, role: 'viewer' })
}

/** Read from a copy of the database file, without the files that SQLite puts next to it. */
function namesInFileAlone(): unknown[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-copy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  copyFileSync(home.config.databaseFile, `${folder}/lakeshore.db`)
  const copy = new DatabaseSync(`${folder}/lakeshore.db`)
  try {
    return copy
      .prepare('SELECT username FROM users ORDER BY username')
      .all()
      .map(({ username }) => username)
  } finally {
    copy.close()
  }
}
