import { mkdirSync, rmSync } from 'node:fs'
import { beforeEach, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { acceptSharedSecrets, requireSharedSettings } from '@/server/startup/shared-settings'
import { ReadinessProbe } from './readiness'

const home = createTestHome()
const warehouse = () => home.config.warehouse.slice('file://'.length)
beforeEach(() => void mkdirSync(warehouse(), { recursive: true }))

let probe: ReadinessProbe
beforeEach(() => void (probe ??= new ReadinessProbe(home.services)))
const readiness = (atMs: number) => probe.check(atMs)

let nowMs = 0
/** Later than a cached result lasts. */
const later = () => (nowMs += 60_000)

it('A process is ready when it can write and all its services are available', async () => {
  expect(await readiness(later())).toEqual({
    ready: true,
    checks: { process: 'ok', database: 'ok', migrations: 'ok', settings: 'ok', warehouse: 'ok' },
  })
})

it('A process is not ready without its warehouse, and says so without naming a path', async () => {
  rmSync(warehouse(), { recursive: true })
  const found = await readiness(later())
  expect(found).toMatchObject({ ready: false, checks: { warehouse: 'failed', database: 'ok' } })
  expect(JSON.stringify(found)).not.toContain(warehouse())
})

it('A process is not ready while a migration is missing', async () => {
  const [gone] = await home.database.read(
    rawQuery<{ name: string; at: number }>('SELECT name, applied_at_ms AS at FROM lakeshore_migrations LIMIT 1'),
  )
  if (!gone) throw new Error('no migration was applied')
  await home.database.commit([rawChange('DELETE FROM lakeshore_migrations WHERE name = ?', [gone.name])])
  expect(await readiness(later())).toMatchObject({ ready: false, checks: { migrations: 'failed' } })
  const back = 'INSERT INTO lakeshore_migrations (name, applied_at_ms) VALUES (?, ?)'
  await home.database.commit([rawChange(back, [gone.name, gone.at])])
})

it('A process is not ready after a newer version has migrated its database', async () => {
  const newer = "INSERT INTO lakeshore_migrations (name, applied_at_ms) VALUES ('of-tomorrow', 1)"
  await home.database.commit([rawChange(newer)])
  expect(await readiness(later())).toMatchObject({ ready: false, checks: { database: 'ok', migrations: 'failed' } })
  await home.database.commit([rawChange("DELETE FROM lakeshore_migrations WHERE name = 'of-tomorrow'")])
  expect(await readiness(later())).toMatchObject({ ready: true })
})

it('A process is not ready after other processes on its database got other secrets', async () => {
  const postgres = { url: 'postgres://shared', schema: 'lakeshore', poolSize: 1, statementTimeoutMs: 1000 }
  const shared = { ...home.services, config: { ...home.config, postgres } }
  await requireSharedSettings(shared)
  expect(await new ReadinessProbe(shared).check()).toMatchObject({ ready: true })
  await acceptSharedSecrets({ ...shared, config: { ...shared.config, secret: 'another secret of many characters 01' } })
  const found = await new ReadinessProbe(shared).check()
  expect(found).toMatchObject({ ready: false, checks: { database: 'ok', settings: 'failed' } })
  await acceptSharedSecrets(shared)
  expect(await new ReadinessProbe(shared).check()).toMatchObject({ ready: true })
})

it('A process is not ready while the database does not answer, and does not wait for it', async () => {
  let open = (): void => {}
  const neverSettles = new Promise<never>((_, reject) => (open = () => reject(new Error('The connection was closed.'))))
  const database = { ...home.database, read: () => neverSettles, commit: () => neverSettles }
  const stalled = new ReadinessProbe({ ...home.services, database }, { checkTimeoutMs: 20 })
  const response = await stalled.response()
  expect(response.status).toBe(503)
  expect(await response.json()).toEqual({
    ready: false,
    // SQLite has no shared settings to read.
    checks: {
      process: 'ok',
      database: 'failed',
      migrations: 'failed',
      settings: home.config.postgres ? 'failed' : 'ok',
      // Whether it is found in this short time depends on the machine.
      warehouse: expect.stringMatching(/^(ok|failed)$/),
    },
  })
  // Late failures of abandoned checks do not end the process.
  open()
  expect(await readiness(later())).toMatchObject({ ready: true })
})

it('A process checks the disk once for many concurrent requests', async () => {
  const at = later()
  const first = readiness(at)
  expect(readiness(at + 1_999)).toBe(first)
  expect(readiness(at + 2_000)).not.toBe(first)
})
