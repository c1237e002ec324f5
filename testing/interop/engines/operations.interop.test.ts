import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { cherryPick } from '@/lib/iceberg/operations/cherry-pick'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { replaceOperation } from '@/lib/iceberg/operations/replace'
import { rowDeltaOperation } from '@/lib/iceberg/operations/row-delta'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { createRowFilter } from '@/lib/scan/prune/row-filter'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { fetchJars } from '@/testing/peers/maven'
import { type ForkedTables, startForkedTables, type TipChanges } from '../forked-tables'

/**
 * Each operation, on a fork of a table on which Spark makes the same change with the same files: the manifest entries,
 * the summary and the numbers of the table are equal, and Spark and PyIceberg read the same rows from both.
 */

const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, REST_FIXTURE]))
const pyspark = installPyspark()
const pyiceberg = installPyiceberg()

const COPY_ON_WRITE = `'write.delete.mode' = 'copy-on-write', 'write.update.mode' = 'copy-on-write'`
const MERGE_ON_READ = `'write.delete.mode' = 'merge-on-read', 'write.update.mode' = 'merge-on-read'`

describe.skipIf(jars === null || pyspark === null || pyiceberg === null)(
  'An operation, compared with that of Spark (skipped when Spark or PyIceberg is unavailable)',
  () => {
    let forks: ForkedTables
    let tables = 0
    /** Descriptions of tables that have to be equal, in pairs. */
    let compared: Record<'ours' | 'theirs', unknown[]>

    beforeAll(async () => {
      forks = await startForkedTables()
    })
    afterAll(async () => {
      await forks?.stop()
    })

    /** A table with two data files in each of two partitions. */
    async function createTable(properties = COPY_ON_WRITE, formatVersion = 2): Promise<string> {
      tables += 1
      compared = { ours: [], theirs: [] }
      const table = `t${tables}`
      await forks.sql(
        `CREATE TABLE ops.${table} (id BIGINT, city STRING) USING iceberg PARTITIONED BY (city)
         TBLPROPERTIES ('format-version' = '${formatVersion}', ${properties})`,
        `INSERT INTO ops.${table} SELECT /*+ COALESCE(1) */ * FROM VALUES (1, 'ABQ'), (2, 'ABQ'), (3, 'JFK'), (4, 'JFK') t(id, city)`,
        `INSERT INTO ops.${table} SELECT /*+ COALESCE(1) */ * FROM VALUES (5, 'ABQ'), (6, 'ABQ'), (7, 'JFK'), (8, 'JFK') t(id, city)`,
      )
      return table
    }

    /** Makes a change in Spark, and the same with `toOperation` on a fork from before it. */
    async function compare(
      table: string,
      statement: string,
      toOperation: (changes: TipChanges, base: TableMetadata) => SnapshotOperation,
    ): Promise<void> {
      tables += 1
      const fork = `${table}_fork${tables}`
      const { metadata } = await forks.fork(table, fork)
      await forks.sql(statement)
      const changed = await forks.load(table)
      if (changed.metadata.currentSnapshotId === metadata.currentSnapshotId) throw new Error('Spark changed nothing')
      const operation = toOperation(await forks.tipChanges(changed), metadata)
      await forks.run(fork, async () => ({ operation }))
      compared.ours.push(await describeTable(fork))
      compared.theirs.push(await describeTable(table))
    }
    async function describeTable(table: string) {
      const { spark, pyiceberg } = await forks.rows(table)
      if (!isDeepStrictEqual(spark, pyiceberg)) throw new Error(`PyIceberg and Spark read different rows of ${table}`)
      return { ...(await forks.describeTip(await forks.load(table))), rows: spark }
    }
    const validationOf = ({ currentSnapshotId }: TableMetadata) =>
      ({ startingSnapshotId: currentSnapshotId, isolation: 'serializable' }) as const
    const cityFilter = (metadata: TableMetadata, city: string) =>
      createRowFilter(
        bindPredicate({ kind: 'eq', column: 'city', value: city }, currentSchema(metadata)),
        metadata,
        `city = '${city}'`,
      )

    test.each([1, 2, 3])('append, in format v%d', async (formatVersion) => {
      const table = await createTable(COPY_ON_WRITE, formatVersion)
      await compare(table, `INSERT INTO ops.${table} VALUES (9, 'LAX'), (10, 'ABQ')`, ({ added }) =>
        appendOperation(added),
      )
      expect(compared.ours).toEqual(compared.theirs)
    })

    test.each([1, 2, 3])('overwrite by files, as a copy-on-write delete, in format v%d', async (formatVersion) => {
      const table = await createTable(COPY_ON_WRITE, formatVersion)
      await compare(table, `DELETE FROM ops.${table} WHERE id IN (2, 7)`, ({ added, removed }, base) =>
        overwriteOperation({ added, removed, validation: validationOf(base) }),
      )
      expect(compared.ours).toEqual(compared.theirs)
    })

    test('overwrite by filter: a delete of whole files, and a static overwrite of a partition', async () => {
      const table = await createTable()
      await compare(table, `DELETE FROM ops.${table} WHERE city = 'ABQ'`, (_, base) =>
        overwriteOperation({ added: [], where: cityFilter(base, 'ABQ'), validation: null }),
      )
      await forks.sql('SET spark.sql.sources.partitionOverwriteMode = static')
      await compare(table, `INSERT OVERWRITE ops.${table} PARTITION (city = 'JFK') SELECT 20`, ({ added }, base) =>
        overwriteOperation({
          added,
          where: cityFilter(base, 'JFK'),
          addedMustMatch: true,
          validation: validationOf(base),
        }),
      )
      expect(compared.ours).toEqual(compared.theirs)
    })

    test('overwrite by filter drops the delete files of the partition (commit-safety 15)', async () => {
      const table = await createTable(MERGE_ON_READ)
      await forks.sql(`DELETE FROM ops.${table} WHERE id = 2`)
      await compare(table, `DELETE FROM ops.${table} WHERE city = 'ABQ'`, (_, base) =>
        overwriteOperation({ added: [], where: cityFilter(base, 'ABQ'), validation: null }),
      )
      expect(compared.ours).toEqual(compared.theirs)
    })

    test.each([2, 3])(
      'row delta: a delete, an update, and a second delete in the same files, in format v%d',
      async (formatVersion) => {
        const table = await createTable(MERGE_ON_READ, formatVersion)
        const toDelta =
          (command: 'delete' | 'update') =>
          ({ added, removed }: TipChanges, base: TableMetadata) =>
            rowDeltaOperation({
              added,
              removed,
              referencedDataFiles: new Set(added.flatMap(({ referencedDataFile }) => referencedDataFile ?? [])),
              startingSnapshotId: base.currentSnapshotId,
              isolation: 'serializable',
              command,
            })
        await compare(table, `DELETE FROM ops.${table} WHERE id = 2`, toDelta('delete'))
        await compare(table, `UPDATE ops.${table} SET city = 'JFK' WHERE id = 5`, toDelta('update'))
        await compare(table, `DELETE FROM ops.${table} WHERE id IN (1, 7)`, toDelta('delete'))
        expect(compared.ours).toEqual(compared.theirs)
      },
    )

    test('replace: a compaction in format v1', async () => {
      const table = await createTable(COPY_ON_WRITE, 1)
      await compare(
        table,
        `CALL peer.system.rewrite_data_files(table => 'ops.${table}', options => map('rewrite-all', 'true'))`,
        ({ added, removed }, base) =>
          replaceOperation({
            added,
            removed,
            dataSequenceNumber: base.lastSequenceNumber,
            startingSnapshotId: base.currentSnapshotId ?? '',
          }),
      )
      expect(compared.ours).toEqual(compared.theirs)
    })

    test.each([2, 3])('replace: a compaction that applies deletes, in format v%d', async (formatVersion) => {
      const table = await createTable(MERGE_ON_READ, formatVersion)
      await forks.sql(`DELETE FROM ops.${table} WHERE id IN (2, 8)`)
      await compare(
        table,
        `CALL peer.system.rewrite_data_files(table => 'ops.${table}', options => map('rewrite-all', 'true'))`,
        ({ added, removed }, base) =>
          replaceOperation({
            added,
            removed,
            dataSequenceNumber: base.lastSequenceNumber,
            startingSnapshotId: base.currentSnapshotId ?? '',
          }),
      )
      expect(compared.ours).toEqual(compared.theirs)
    })

    test.each([2, 3])(
      'cherry-pick: a replay of a staged append, then refused as a duplicate, in format v%d',
      async (formatVersion) => {
        const table = await createTable(`${COPY_ON_WRITE}, 'write.wap.enabled' = 'true'`, formatVersion)
        const stagedId = await stage(table, `INSERT INTO ops.${table} VALUES (9, 'LAX')`)
        await forks.sql(`INSERT INTO ops.${table} VALUES (10, 'LAX')`)
        await pickInBoth(table, stagedId)
        expect(compared.ours).toEqual(compared.theirs)
      },
    )

    test('cherry-pick: a replay of a dynamic overwrite whose partitions no commit changed', async () => {
      const table = await createTable(`${COPY_ON_WRITE}, 'write.wap.enabled' = 'true'`)
      await forks.sql('SET spark.sql.sources.partitionOverwriteMode = dynamic')
      const stagedId = await stage(table, `INSERT OVERWRITE ops.${table} VALUES (9, 'JFK')`)
      await forks.sql(`INSERT INTO ops.${table} VALUES (10, 'LAX')`)
      await pickInBoth(table, stagedId)
      expect(compared.ours).toEqual(compared.theirs)
    })

    test('cherry-pick: a fast-forward when the branch has not moved, also of a delete', async () => {
      const table = await createTable(`${COPY_ON_WRITE}, 'write.wap.enabled' = 'true'`)
      const stagedId = await stage(table, `DELETE FROM ops.${table} WHERE id = 3`)
      await forks.fork(table, `${table}_fork`)
      await forks.sql(`CALL peer.system.cherrypick_snapshot('ops.${table}', ${stagedId})`)
      await pick(`${table}_fork`, stagedId)
      expect((await forks.load(`${table}_fork`)).metadata.currentSnapshotId).toBe(stagedId)
      expect(await forks.rows(`${table}_fork`)).toEqual(await forks.rows(table))
    })

    /** @returns the id of the snapshot that no branch has */
    async function stage(table: string, statement: string): Promise<string> {
      const known = new Set((await forks.load(table)).metadata.snapshots.map(({ snapshotId }) => snapshotId))
      await forks.sql('SET spark.wap.id = run-7', statement, 'RESET spark.wap.id')
      const { snapshots } = (await forks.load(table)).metadata
      return snapshots.find(({ snapshotId }) => !known.has(snapshotId))?.snapshotId ?? ''
    }
    const pick = (table: string, snapshotId: string) =>
      forks.run(table, async (metadata, reader) => {
        const { fastForward, replay } = await cherryPick(metadata, { snapshotId, reader })
        return { withoutSnapshot: fastForward, operation: replay }
      })
    async function pickInBoth(table: string, snapshotId: string): Promise<void> {
      const fork = `${table}_fork`
      const pickInSpark = (name: string) =>
        forks.sql(`CALL peer.system.cherrypick_snapshot('ops.${name}', ${snapshotId})`)
      await forks.fork(table, fork)
      await pickInSpark(table)
      await pick(fork, snapshotId)
      compared.ours.push(await describeTable(fork))
      compared.theirs.push(await describeTable(table))
      const tip = forks.tipOf(await forks.load(fork))
      expect(tip?.summary).toMatchObject({ 'source-snapshot-id': snapshotId, 'published-wap-id': 'run-7' })
      await expect(pick(fork, snapshotId)).rejects.toMatchObject({ code: 'commit-conflict' })
      await expect(pickInSpark(fork)).rejects.toThrow('Duplicate request')
    }
  },
)
