import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KIT_SUMMARY, runCompatibilityKit, summaryOf } from './compatibility-kit'
import { COMPATIBILITY_KIT } from './jars'
import { startLakeshore } from './lakeshore'
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

  test('passes on Lakeshore', async () => {
    // The kit asks for tables at file:/tmp and expects them there.
    const server = await startLakeshore(folder, { LAKESHORE_WAREHOUSE: '/tmp' })
    try {
      const report = await runCompatibilityKit(server)
      mkdirSync(path.dirname(KIT_SUMMARY), { recursive: true })
      writeFileSync(KIT_SUMMARY, summaryOf(report))
      expect(report.failed).toEqual([])
      expect(report.left.map(({ name }) => name).toSorted()).toEqual(LEFT_OUT)
      expect(report.passed.length).toBeGreaterThan(140)
    } finally {
      await server.stop()
    }
  })
})

/** See docs/decisions/018-compatibility-kit.md. */
const LEFT_OUT = [
  'RESTCompatibilityKitCatalogTests.createAndDropEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.listNamespacesWithEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.listTablesInEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.namespacePropertiesOnEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.testListNestedNamespaces()',
  'RESTCompatibilityKitCatalogTests.testNamespaceWithDot()',
  'RESTCompatibilityKitCatalogTests.testTableNameWithDot()',
  'RESTCompatibilityKitViewCatalogTests.listViewsInEmptyNamespace()',
]
