import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installPostgres } from '@/testing/databases/install-postgres'
import { createTestDatabase, startSharedPostgres } from '@/testing/databases/test-postgres'
import { KIT_SUMMARY, type KitReport, runCompatibilityKit, summarize } from '@/testing/peers/compatibility-kit'
import { COMPATIBILITY_KIT } from '@/testing/peers/jars'
import { startLakeshore } from '@/testing/product/lakeshore'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { startRestFixture } from '@/testing/peers/rest-fixture'

const kit = await installOrSkip('The REST compatibility kit (skipped if it is not available)', () =>
  fetchJars(COMPATIBILITY_KIT),
)
const postgres = await installOrSkip('PostgreSQL', () => installPostgres('newest'))

let folder: string
const reports = new Map<string, KitReport>()

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'compatibility-kit-'))
})
afterAll(() => {
  if (reports.size > 0) {
    mkdirSync(path.dirname(KIT_SUMMARY), { recursive: true })
    writeFileSync(KIT_SUMMARY, summarize(reports))
  }
  rmSync(folder, { recursive: true })
})

describe.skipIf(kit === null)('The REST compatibility kit (skipped if it is not available)', () => {
  test('passes on its own server, except for one message of that server’s JDBC catalog', async () => {
    const server = await startRestFixture(folder)
    try {
      const report = await runCompatibilityKit(server)
      expect(report.failed.map(({ name }) => name)).toEqual([
        'RESTCompatibilityKitCatalogTests.tableCreationWithoutNamespace()',
      ])
      expect(summarize(new Map([['its own server', report]]))).toBe(
        'REST compatibility kit on its own server: 140 of 141, 8 skipped by the kit',
      )
    } finally {
      await server.stop()
    }
  })

  test.for([
    { database: 'SQLite', webProcesses: 1, title: 'one web process' },
    { database: 'PostgreSQL', webProcesses: 2, title: 'two web processes' },
  ])(
    'passes on Lakeshore with its state in $database and $title (skipped when they are unavailable)',
    async ({ database, webProcesses }, { skip }) => {
      if (database === 'PostgreSQL' && postgres === null) return skip('PostgreSQL is unavailable')
      await using created =
        database === 'PostgreSQL' ? await createTestDatabase(await startSharedPostgres('newest')) : null
      // The kit requests tables at file:/tmp and expects them there.
      const settings = { LAKESHORE_WAREHOUSE: '/tmp' }
      const options = { webProcesses, ...(created && { databaseUrl: created.url }) }
      const server = await startLakeshore(path.join(folder, database), settings, options)
      try {
        const report = await runCompatibilityKit(server)
        reports.set(database, report)
        expect(report.failed).toEqual([])
        expect(report.left.map(({ name }) => name).toSorted()).toEqual(OMITTED)
        expect(report.passed.length).toBeGreaterThan(140)
      } finally {
        await server.stop()
      }
    },
  )
})

/** See docs/decisions/018-compatibility-kit.md. */
const OMITTED = [
  'RESTCompatibilityKitCatalogTests.createAndDropEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.listNamespacesWithEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.listTablesInEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.namespacePropertiesOnEmptyNamespace()',
  'RESTCompatibilityKitCatalogTests.testListNestedNamespaces()',
  'RESTCompatibilityKitCatalogTests.testNamespaceWithDot()',
  'RESTCompatibilityKitCatalogTests.testTableNameWithDot()',
  'RESTCompatibilityKitViewCatalogTests.listViewsInEmptyNamespace()',
]
