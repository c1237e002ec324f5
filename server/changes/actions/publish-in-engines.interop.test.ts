import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg, openSpark } from '@/testing/peers/shared/open-peer'
import { createReadFetch } from '@/server/endpoints/query-reads'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { checkRuns } from '@/server/table/checks/check-run'
import { CHECK_TABLE, queueChecks } from '@/server/table/checks/queued-checks'
import { readTableClients } from '@/server/table/table-clients'
import { readPublications } from '@/server/table/publishing/publications'
import { commitCherryPick, publish } from '@/testing/lifecycle/actions'

/** Spark writes where no reader sees it, we check and publish, and Spark and PyIceberg read the result. */

const signal = new AbortController().signal
const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1', LAKESHORE_QUERY_SECONDS: '60' })
const pyiceberg = installPyiceberg()
const pyspark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])

describe.skipIf(pyiceberg === null || pyspark === null || jar === null)(
  'Publishing what Spark wrote (skipped when it is unavailable)',
  () => {
    let catalog: CatalogClient
    let listener: RestListener
    let spark: PythonSession
    let python: PythonSession

    beforeAll(async () => {
      catalog = await openTestCatalog(home.services)
      await catalog.write({ kind: 'create-namespace', namespace: ['wap'], properties: {} })
      listener = await startRestListener(home.services)
      const token = await createRestTokenAs(home.services, 'admin')
      spark = openSpark({ uri: listener.uri, token, warehouse: 'local' })
      python = openPyiceberg({ uri: listener.uri, token, warehouse: 'local' })
    })
    afterAll(async () => {
      await spark?.stop()
      await python?.stop()
      await listener?.stop()
    })

    async function sql(...statements: string[]): Promise<(string | null)[][]> {
      let rows: (string | null)[][] = []
      for (const statement of statements) rows = await spark.request({ sql: statement })
      return rows
    }
    const identifierOf = (table: string): TableIdentifier => ({ catalog: catalog.name, namespace: ['wap'], table })
    const load = (table: string) => catalog.loadTable(identifierOf(table))
    const idsInSpark = async (table: string) =>
      (await sql(`SELECT id FROM wap.${table} ORDER BY id`)).map(([id]) => Number(id))
    const idsInPython = (table: string) =>
      python.request<number[]>({
        code: `answer = sorted(catalog.load_table('wap.${table}').scan().to_arrow()['id'].to_pylist())`,
      })
    const create = (table: string) =>
      sql(
        `CREATE TABLE wap.${table} (id BIGINT, fare DECIMAL(9, 2)) USING iceberg TBLPROPERTIES (
          'write.wap.enabled' = 'true', '${checkProperty('fares are positive')}' = 'SELECT * FROM this_table WHERE fare <= 0')`,
        `INSERT INTO wap.${table} VALUES (1, 1.50)`,
      )
    const runChecks = async (table: string, snapshotId: string) => {
      const { id } = await queueChecks(home.database, await load(table), snapshotId, TEST_ACTOR)
      const kinds = { [CHECK_TABLE]: checkRuns(home.services, createReadFetch(home.services)) }
      return runQueuedRun(home.services, id, kinds)
    }
    const read = async (table: string) => readPublications(home.services, await load(table), { actor: TEST_ACTOR })
    const publishFirst = async (table: string) => {
      const { publications, mainSnapshotId } = await read(table)
      const { snapshotId = '', branch = null } = publications[0] ?? {}
      return publish(
        home.services,
        identifierOf(table),
        { snapshotId, branch, mainSnapshotId: mainSnapshotId ?? '' },
        { actor: TEST_ACTOR, signal, requestId: null, idempotencyKey: undefined },
      )
    }
    const summaryOf = async (table: string) => {
      const { snapshots, currentSnapshotId } = (await load(table)).metadata
      const summary = snapshots.find(({ snapshotId }) => snapshotId === currentSnapshotId)?.summary ?? {}
      // The writer's own fields, and the sizes of files with other names.
      const own = /^(engine|spark|app-id|iceberg-version|source-snapshot-id|total-files-size|added-files-size)/
      return Object.fromEntries(Object.entries(summary).filter(([key]) => !own.test(key)))
    }

    test('a WAP branch is published when the rows that fail its check are gone', async () => {
      await create('branched')
      await sql(
        'ALTER TABLE wap.branched CREATE BRANCH audit',
        'SET spark.wap.branch = audit',
        'INSERT INTO wap.branched VALUES (2, 2.50), (3, -1.00)',
        'RESET spark.wap.branch',
      )
      expect(await idsInSpark('branched')).toEqual([1])
      const [failing] = (await read('branched')).publications
      await runChecks('branched', failing?.snapshotId ?? '')
      expect((await read('branched')).publications).toMatchObject([
        { branch: 'audit', refusal: 'checks', checks: [{ state: 'failed', rows: [['3', '-1.00']] }] },
      ])
      await expect(publishFirst('branched')).rejects.toMatchObject({ code: 'commit-conflict' })
      await sql('SET spark.wap.branch = audit', 'DELETE FROM wap.branched WHERE id = 3', 'RESET spark.wap.branch')
      const [mended] = (await read('branched')).publications
      expect(mended?.checks).toMatchObject([{ state: 'stale', staleReason: 'snapshot' }])
      await runChecks('branched', mended?.snapshotId ?? '')
      await publishFirst('branched')
      await sql('REFRESH TABLE wap.branched')
      expect([await idsInSpark('branched'), await idsInPython('branched')]).toEqual([
        [1, 2],
        [1, 2],
      ])
    })

    test('a commit with spark.wap.id is published, or picked where main has moved on as Spark would', async () => {
      for (const table of ['ours', 'theirs']) {
        await create(table)
        await sql('SET spark.wap.id = run-1', `INSERT INTO wap.${table} VALUES (2, 2.50)`, 'RESET spark.wap.id')
      }
      const [staged] = (await read('ours')).publications
      expect(staged).toMatchObject({ branch: null, wapId: 'run-1', aheadCount: 1, refusal: 'checks' })
      await runChecks('ours', staged?.snapshotId ?? '')
      await publishFirst('ours')
      const theirs = (await read('theirs')).publications[0]?.snapshotId ?? ''
      await sql(`CALL peer.system.cherrypick_snapshot('wap.theirs', ${theirs})`, 'REFRESH TABLE wap.ours')
      expect([await idsInSpark('ours'), await idsInPython('ours')]).toEqual([
        [1, 2],
        [1, 2],
      ])
      expect((await load('ours')).metadata.currentSnapshotId).toBe(staged?.snapshotId)
      expect((await load('theirs')).metadata.currentSnapshotId).toBe(theirs)

      for (const table of ['ours', 'theirs']) {
        await sql('SET spark.wap.id = run-2', `INSERT INTO wap.${table} VALUES (3, 3.50)`, 'RESET spark.wap.id')
        await sql(`INSERT INTO wap.${table} VALUES (4, 4.50)`)
      }
      const { publications, mainSnapshotId } = await read('ours')
      const [apart] = publications
      expect(apart).toMatchObject({ refusal: 'diverged', nextPick: { snapshotId: apart?.snapshotId, refusal: null } })
      const pick = { snapshotId: apart?.snapshotId ?? '', tipSnapshotId: mainSnapshotId }
      await commitCherryPick(home.services, identifierOf('ours'), pick, {
        actor: TEST_ACTOR,
        requestId: null,
        signal,
      })
      const theirsApart = (await read('theirs')).publications[0]?.snapshotId ?? ''
      await sql(`CALL peer.system.cherrypick_snapshot('wap.theirs', ${theirsApart})`, 'REFRESH TABLE wap.ours')
      for (const table of ['ours', 'theirs']) {
        expect(await idsInSpark(table)).toEqual([1, 2, 3, 4])
        expect(await idsInPython(table)).toEqual([1, 2, 3, 4])
        expect((await read(table)).publications).toEqual([])
      }
      expect(await summaryOf('ours')).toEqual(await summaryOf('theirs'))
      // Spark refuses what we picked, and we refuse what Spark picked.
      await expect(sql(`CALL peer.system.cherrypick_snapshot('wap.ours', ${pick.snapshotId})`)).rejects.toThrow(
        /already|Duplicate/,
      )
      const theirTip = (await load('theirs')).metadata.currentSnapshotId
      await expect(
        commitCherryPick(
          home.services,
          identifierOf('theirs'),
          { snapshotId: theirsApart, tipSnapshotId: theirTip },
          { actor: TEST_ACTOR, requestId: null, signal },
        ),
      ).rejects.toMatchObject({ code: 'commit-conflict' })
    })

    test('Spark is named among the clients of the table, with its library', async () => {
      await home.services.clientUses.settle()
      const { clients } = await readTableClients(home.database, (await load('ours')).metadata, { isRecorded: true })
      expect(clients).toContainEqual(
        expect.objectContaining({
          name: 'Spark',
          version: expect.stringMatching(/^\d/),
          library: expect.stringMatching(/^Apache Iceberg \d/),
          lastReadOn: expect.any(String),
        }),
      )
    })
  },
)
