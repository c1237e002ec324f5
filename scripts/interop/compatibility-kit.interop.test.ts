import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCompatibilityKit, summaryOf } from './compatibility-kit'
import { COMPATIBILITY_KIT } from './jars'
import { fetchJars } from './maven'
import { peer } from './peer'
import { startRestFixture } from './rest-fixture'

const kit = await peer('The REST compatibility kit', () => fetchJars(COMPATIBILITY_KIT))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'compatibility-kit-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(kit === null)('The REST compatibility kit', () => {
  test('run here passes on the server it was written with, but for what its JDBC catalog words differently', async () => {
    const server = await startRestFixture(folder)
    try {
      const report = await runCompatibilityKit(server)
      expect(report.failed.map(({ name }) => name)).toEqual([
        'RESTCompatibilityKitCatalogTests.tableCreationWithoutNamespace()',
      ])
      expect(summaryOf(report)).toBe('REST compatibility kit: 140 of 141, 8 left out by the kit')
    } finally {
      await server.stop()
    }
  })
})
