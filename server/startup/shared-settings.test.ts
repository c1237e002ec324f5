import { expect, it, test } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import type { Config } from '@/server/config/config'
import { readSharedSettings } from '@/server/db/shared-settings'
import {
  acceptSharedSecrets,
  acceptSharedWarehouse,
  findSharedSettingDifferences,
  requireSharedSettings,
} from './shared-settings'

const home = createTestHome()

/** A process on another machine; the database of this home plays the shared one. */
function processWith(settings: Partial<Config> = {}) {
  const postgres = { url: 'postgres://shared', schema: 'lakeshore', poolSize: 1, statementTimeoutMs: 1000 }
  return { database: home.database, config: { ...home.config, postgres, ...settings } }
}

const OTHER_SETTINGS = [
  ['LAKESHORE_SECRET', { secret: 'another secret of many different characters' }],
  ['LAKESHORE_SEALING_KEY', { sealingKey: 'another sealing key of many characters 1' }],
  ['LAKESHORE_WAREHOUSE', { warehouse: 's3://elsewhere/lake' }],
] as const

it('stores nothing for a home’s own database', async () => {
  await requireSharedSettings(home.services)
  expect(await readSharedSettings(home.database)).toEqual({})
  expect(await findSharedSettingDifferences(home.services)).toEqual([])
  expect(await acceptSharedSecrets(home.services)).toEqual([])
})

it('stores the settings of the first process, but no secret', async () => {
  await requireSharedSettings(processWith())
  const stored = await readSharedSettings(home.database)
  expect(Object.keys(stored).toSorted()).toEqual(OTHER_SETTINGS.map(([name]) => name).toSorted())
  expect(stored.LAKESHORE_WAREHOUSE).toBe(home.config.warehouse)
  expect(stored.LAKESHORE_SECRET).toMatch(/^[\w-]{32}$/)
  for (const secret of [home.config.secret, home.config.sealingKey]) {
    expect(JSON.stringify(stored)).not.toContain(secret.slice(0, 8))
  }
  await requireSharedSettings(processWith())
})

it('hides in the database that two secrets are equal', async () => {
  await acceptSharedSecrets(processWith({ secret: home.config.sealingKey }))
  const stored = await readSharedSettings(home.database)
  expect(stored.LAKESHORE_SECRET).not.toBe(stored.LAKESHORE_SEALING_KEY)
  expect(await acceptSharedSecrets(processWith())).toEqual(['LAKESHORE_SECRET'])
})

test.each(OTHER_SETTINGS)(
  'refuses another %s by its name, reveals no secret, and changes nothing',
  async (name, settings) => {
    const before = await readSharedSettings(home.database)
    const other = processWith(settings)
    const message = await requireSharedSettings(other).then(
      () => '',
      (error: Error) => `${error.name}: ${error.message}`,
    )
    expect(message).toContain(`Nothing was started and nothing was changed:\n  ${name} is `)
    expect(OTHER_SETTINGS.map(([one]) => one).filter((one) => message.includes(one))).toEqual([name])
    for (const secret of [home.config.secret, home.config.sealingKey, other.config.secret, other.config.sealingKey]) {
      expect(message).not.toContain(secret)
    }
    expect(await readSharedSettings(home.database)).toEqual(before)
    expect(await findSharedSettingDifferences(other)).toEqual([name])
  },
)

it('accepts other secrets and another warehouse on request, each separately', async () => {
  const other = processWith(Object.assign({}, ...OTHER_SETTINGS.map(([, settings]) => settings)))
  expect(await acceptSharedSecrets(other)).toEqual(['LAKESHORE_SECRET', 'LAKESHORE_SEALING_KEY'])
  expect(await findSharedSettingDifferences(other)).toEqual(['LAKESHORE_WAREHOUSE'])
  expect(await acceptSharedWarehouse(other)).toEqual(['LAKESHORE_WAREHOUSE'])
  await requireSharedSettings(other)
  expect(await acceptSharedSecrets(other)).toEqual([])
  expect(await findSharedSettingDifferences(processWith())).toEqual(OTHER_SETTINGS.map(([name]) => name))
})
