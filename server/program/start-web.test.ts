import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { startWeb } from './start-web'

const home = createTestHome()

it('starts no web server when the database of a warehouse with tables is gone, and creates no new one', async () => {
  const { warehouse, databaseFile } = home.config
  rmSync(databaseFile)
  const folder = path.join(warehouse.slice('file://'.length), 'ns', 'trips', 'metadata')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, '00000-a.metadata.json'), '{}')
  await expect(startWeb(home.services, new AbortController())).rejects.toThrow('has tables already')
  expect(existsSync(databaseFile)).toBe(false)
  rmSync(folder, { recursive: true })
  await startWeb(home.services, new AbortController())
})
