import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { findFieldByName } from '@/lib/iceberg/schema/schema'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { commitIntents } from '@/server/changes/actions/change-table'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installTrino } from '@/testing/peers/install-trino'
import { TRINO_ON_THIS_DISK, openTrino, trinoRestCatalog } from '@/testing/peers/shared/open-peer'
import type { TrinoServer } from '@/testing/peers/trino-server'

/**
 * Trino 476 reads the bounds of data files with the types of the current snapshot's schema, and mistakes them for
 * values of the table's newest types (trinodb/trino#29802). A filter by a promoted column then fails until the next
 * write. A filter by a promoted float also fails afterwards, as long as there are files from before
 * (trinodb/trino#30544). The same table in Trino's own catalog, which Lakeshore never touched, shows that neither a
 * catalog nor a writer is the cause. When a newer Trino passes, change the warnings of `change-column-type`, too.
 */

const trino = await installOrSkip('Trino', installTrino)
const home = createTestHome()
const [UNTIL_THE_NEXT_WRITE, WITH_EARLIER_FILES] = ['Error processing metadata for table', 'Corrupted statistics']
const PROMOTED = [
  { name: 'id', type: 'long', inTrino: 'bigint', filter: 'id = 1', failures: [UNTIL_THE_NEXT_WRITE] },
  {
    name: 'fare',
    type: 'double',
    inTrino: 'double',
    filter: 'fare < 2',
    failures: [UNTIL_THE_NEXT_WRITE, WITH_EARLIER_FILES],
  },
  { name: 'price', type: 'decimal(12, 2)', inTrino: 'decimal(12, 2)', filter: 'price < 2', failures: [] },
] satisfies { name: string; type: string; inTrino: string; filter: string; failures: (string | undefined)[] }[]
const ONE_ROW = /^1$/
const OURS: TableIdentifier = { catalog: 'local', namespace: ['promoted'], table: 'trips' }
const TABLES = ['local.promoted.trips', 'own.promoted.trips'] as const

describe.skipIf(trino === null)('Promoted columns in Trino (skipped when it is unavailable)', () => {
  let folder: string
  let listener: RestListener
  let engine: TrinoServer

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'trino-promotion-'))
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: ['promoted'], properties: {} })
    listener = await startRestListener(home.services)
    engine = await openTrino({
      local: trinoRestCatalog(listener.uri, await createRestTokenAs(home.services, 'admin')),
      own: {
        'connector.name': 'iceberg',
        'iceberg.catalog.type': 'TESTING_FILE_METASTORE',
        'hive.metastore.catalog.dir': `local://${folder}/metastore`,
        ...TRINO_ON_THIS_DISK,
      },
    })
    await engine.sql('CREATE SCHEMA own.promoted')
    for (const table of TABLES) {
      await engine.sql(`CREATE TABLE ${table} (id integer, fare real, price decimal(9, 2))`)
      await engine.sql(`INSERT INTO ${table} VALUES (1, 1.5, 1.5), (2, 2.5, 2.5)`)
    }
  })
  afterAll(async () => {
    await engine?.stop()
    await listener?.stop()
    rmSync(folder, { recursive: true })
  })

  test.each(PROMOTED)('$name as $type', async ({ name, type, inTrino, filter, failures }) => {
    const count = (table: string, where = 'true') => engine.sql(`SELECT count(*) FROM ${table} WHERE ${where}`)
    const filterOrFail = (table: string) => count(table, filter).then(String, String)
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(OURS)
    const { field } = findFieldByName(currentSchema(metadata), name)!
    await commitIntents(
      home.services,
      OURS,
      [{ kind: 'change-column-type', type, base: typeLabel(field.type), fieldId: field.id, column: [name] }],
      { actor: TEST_ACTOR, signal: new AbortController().signal, requestId: null },
    )
    await engine.sql(`ALTER TABLE own.promoted.trips ALTER COLUMN ${name} SET DATA TYPE ${inTrino}`)
    for (const table of TABLES) {
      const [[rowCount]] = (await count(table)) as [[number]]
      expect(await filterOrFail(table), table).toMatch(failures[0] ?? ONE_ROW)
      await engine.sql(`INSERT INTO ${table} VALUES (3, 3.5, 3.5)`)
      expect(await filterOrFail(table), table).toMatch(failures[1] ?? ONE_ROW)
      expect(await count(table)).toEqual([[rowCount + 1]])
    }
  })
})
