import { cpSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import { commitExpiry, previewExpiryOf, runRemovals } from '@/testing/catalogs/expire-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type ForkedTables, startForkedTables } from '../forked-tables'
import { undoExpiry } from '@/testing/lifecycle/actions'

/**
 * An expiry through a connection to Iceberg's own REST catalog, of a table that Spark wrote: engines read every snapshot
 * that stays, and Spark's own procedure removes the same files of a copy.
 */

const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, REST_FIXTURE]))
const pyspark = installPyspark()
const pyiceberg = installPyiceberg()

describe.skipIf(jars === null || pyspark === null || pyiceberg === null)(
  'Files of snapshots that expired through a connection (skipped when Spark or PyIceberg is unavailable)',
  () => {
    const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
    const ann = actorFor({ userId: 'u1', username: 'ann', role: 'editor' })
    const options = { actor: ann, signal: new AbortController().signal, requestId: 'r1' }
    let forks: ForkedTables

    beforeAll(async () => {
      forks = await startForkedTables()
      const settings = {
        kind: 'rest' as const,
        uri: forks.uri,
        warehouse: null,
        prefix: null,
        auth: { kind: 'none' as const },
        headerNames: [],
        delegation: 'none' as const,
        storage: { kind: 'local' as const, roots: [`file://${forks.folder}`] },
        mappings: [],
        ownCredentials: 'off' as const,
      }
      const admin = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
      await addConnection(home.services, { name: 'fixture', settings, secrets: {} }, { actor: admin, requestId: 'r' })
    })
    afterAll(async () => {
      await forks?.stop()
    })

    /** Appends, rewrites, a branch with commits, a tag on a rolled-back snapshot, and a dropped partition. */
    async function createTable(table: string): Promise<TableIdentifier> {
      await forks.sql(
        `CREATE TABLE ops.${table} (id BIGINT, city STRING) USING iceberg PARTITIONED BY (city)
         TBLPROPERTIES ('write.delete.mode' = 'copy-on-write')`,
      )
      for (const id of [1, 2, 3]) await forks.sql(`INSERT INTO ops.${table} VALUES (${id}, 'ABQ'), (${id}0, 'JFK')`)
      await forks.sql(
        `ALTER TABLE ops.${table} CREATE TAG opening`,
        `DELETE FROM ops.${table} WHERE id = 1`,
        `ALTER TABLE ops.${table} CREATE BRANCH audit`,
        `INSERT INTO ops.${table}.branch_audit VALUES (4, 'LAX')`,
        `INSERT INTO ops.${table}.branch_audit VALUES (5, 'LAX')`,
        `INSERT INTO ops.${table} VALUES (6, 'ABQ')`,
        `DELETE FROM ops.${table} WHERE city = 'JFK'`,
      )
      const tipId = (await forks.load(table)).metadata.currentSnapshotId
      await forks.sql(
        `INSERT INTO ops.${table} VALUES (7, 'DEN')`,
        `CALL peer.system.rollback_to_snapshot('ops.${table}', ${tipId})`,
      )
      return forks.identifierOf(table)
    }

    const folderOf = (table: string) => path.join(forks.folder, 'fixture-warehouse', 'ops', table)
    const listFiles = (table: string) =>
      readdirSync(folderOf(table), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /^[^.].*\.(avro|parquet)$/.test(entry.name))
        .map(({ name }) => name)
        .sort()
    /** The rows that both engines read of each snapshot of the table. */
    async function readEverySnapshot(table: string): Promise<Record<string, unknown>> {
      const { snapshots } = (await forks.load(table)).metadata
      const read: Record<string, unknown> = {}
      for (const { snapshotId } of snapshots) {
        const rows = await forks.rowsAt(table, snapshotId)
        expect(rows.pyiceberg, snapshotId).toEqual(rows.spark)
        read[snapshotId] = rows.spark
      }
      return read
    }

    test('are those that Spark’s expire_snapshots removes, and engines read all that stays (commit-safety 17, 18)', async () => {
      const identifier = await createTable('base')
      const { metadata, metadataLocation } = await forks.load('base')
      const all = await readEverySnapshot('base')
      const before = listFiles('base')
      const backup = path.join(forks.folder, 'backup')
      cpSync(folderOf('base'), backup, { recursive: true })

      const shown = await previewExpiryOf(home.services, identifier, ann)
      await commitExpiry(home.services, identifier, ann, shown)
      const afterExpiry = await readEverySnapshot('base')
      expect(Object.keys(afterExpiry).length).toBe(shown.snapshots.main + shown.snapshots.others)
      for (const [snapshotId, rows] of Object.entries(afterExpiry)) expect(rows).toEqual(all[snapshotId])
      expect(listFiles('base')).toEqual(before)

      expect(await runRemovals(home.services, metadata.tableUuid)).toMatchObject({
        state: 'succeeded',
        outcome: { filesRetained: 0 },
      })
      expect(await readEverySnapshot('base')).toEqual(afterExpiry)
      const afterRemoval = new Set(listFiles('base'))
      const ours = before.filter((file) => !afterRemoval.has(file))
      expect(ours.length).toBeGreaterThan(5)

      // The same on the original table: no other table names its files then.
      await forks.catalog.write({ kind: 'drop-table', table: identifier })
      rmSync(folderOf('base'), { recursive: true })
      cpSync(backup, folderOf('base'), { recursive: true })
      await forks.catalog.write({ kind: 'register-table', table: forks.identifierOf('again'), metadataLocation })
      const olderThan = new Date(shown.criteria.olderThanMs ?? 0).toISOString().slice(0, 23).replace('T', ' ')
      await forks.sql(`CALL peer.system.expire_snapshots(table => 'ops.again', older_than => TIMESTAMP '${olderThan}')`)
      const afterSpark = new Set(listFiles('base'))
      expect(ours).toEqual(before.filter((file) => !afterSpark.has(file)))
      expect(await readEverySnapshot('again')).toEqual(afterExpiry)
    })

    test('stay after an undo, which registers the metadata from before as a table that engines read', async () => {
      const identifier = await createTable('other')
      const { metadata } = await forks.load('other')
      const all = await readEverySnapshot('other')
      const before = listFiles('other')
      const { auditId } = await commitExpiry(
        home.services,
        identifier,
        ann,
        await previewExpiryOf(home.services, identifier, ann),
      )
      const undone = await undoExpiry(home.services, identifier, { auditId, newName: 'other_before' }, options)
      expect(undone.table.identifier.table).toBe('other_before')
      expect(await readEverySnapshot('other_before')).toEqual(all)
      // A second expiry finds the files shared, and leaves them.
      await forks.sql(`INSERT INTO ops.other VALUES (8, 'DEN')`)
      await commitExpiry(home.services, identifier, ann, await previewExpiryOf(home.services, identifier, ann))
      const known = new Set(before)
      await runRemovals(home.services, metadata.tableUuid)
      expect(listFiles('other').filter((file) => known.has(file))).toEqual(before)
      expect(await readEverySnapshot('other_before')).toEqual(all)
    })
  },
)
