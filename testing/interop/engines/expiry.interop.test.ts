import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupByRetention, type RetentionGroup } from '@/lib/changes/impact/expiry-impact'
import { reachedFiles, type SnapshotGroup } from '@/lib/changes/impact/reached-files'
import { type ExpiryRequest, retainedSnapshots } from '@/lib/changes/impact/retained-snapshots'
import { expireSnapshots } from '@/testing/iceberg/expiry-change'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { fetchJars } from '@/testing/peers/maven'
import { type ForkedTables, startForkedTables } from '../forked-tables'

/**
 * The expired snapshots and removed files, compared with Iceberg's Java client and Spark's procedure, on a table with
 * branches, tags, limits and snapshots that were rolled back.
 */

const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, REST_FIXTURE]))
const pyspark = installPyspark()
const pyiceberg = installPyiceberg()

describe.skipIf(jars === null || pyspark === null || pyiceberg === null)(
  'An expiry, compared with that of Java (skipped when Spark or PyIceberg is unavailable)',
  () => {
    let forks: ForkedTables
    /** Ids of the nine commits to `base`, in order. */
    let ids: string[] = []
    let times: number[] = []

    beforeAll(async () => {
      forks = await startForkedTables()
      await forks.sql(
        `CREATE TABLE ops.base (id BIGINT, city STRING) USING iceberg PARTITIONED BY (city)
         TBLPROPERTIES ('write.delete.mode' = 'copy-on-write')`,
      )
      for (const id of [1, 2, 3]) await forks.sql(`INSERT INTO ops.base VALUES (${id}, 'ABQ'), (${id}0, 'JFK')`)
      await forks.sql(
        `DELETE FROM ops.base WHERE id = 1`,
        `ALTER TABLE ops.base CREATE BRANCH audit`,
        `INSERT INTO ops.base.branch_audit VALUES (4, 'LAX')`,
        `INSERT INTO ops.base.branch_audit VALUES (5, 'LAX')`,
        `INSERT INTO ops.base VALUES (6, 'ABQ')`,
        `DELETE FROM ops.base WHERE city = 'JFK'`,
      )
      const tipId = (await forks.load('base')).metadata.currentSnapshotId
      await forks.sql(
        `INSERT INTO ops.base VALUES (7, 'DEN')`,
        `CALL peer.system.rollback_to_snapshot('ops.base', ${tipId})`,
      )
      const { snapshots } = (await forks.load('base')).metadata
      ids = snapshots.map(({ snapshotId }) => snapshotId)
      times = snapshots.map(({ timestampMs }) => timestampMs)
    })
    afterAll(async () => {
      await forks?.stop()
    })

    const setRef = (refName: string, index: number, limits: object = {}): TableUpdate => ({
      action: 'set-snapshot-ref',
      refName,
      snapshotId: ids[index] ?? '',
      type: 'tag',
      ...limits,
    })
    const all = () => Date.now()
    const scenarios: [string, { updates: () => TableUpdate[]; request: () => Partial<ExpiryRequest> }][] = [
      ['nothing is old enough', { updates: () => [], request: () => ({}) }],
      ['everything is', { updates: () => [], request: () => ({ olderThanMs: all() }) }],
      ['the newest three stay', { updates: () => [], request: () => ({ olderThanMs: all(), retainLast: 3 }) }],
      ['some are old enough', { updates: () => [], request: () => ({ olderThanMs: times[5] ?? 0 }) }],
      [
        'branches have limits of their own',
        {
          updates: () => [
            setRef('main', 7, { type: 'branch', minSnapshotsToKeep: 2 }),
            setRef('audit', 5, { type: 'branch', maxSnapshotAgeMs: 1, minSnapshotsToKeep: 4 }),
          ],
          request: () => ({ olderThanMs: all(), retainLast: 5 }),
        },
      ],
      [
        'tags hold old and rolled-back snapshots, and some refs have expired',
        {
          updates: () => [
            setRef('opening', 0),
            setRef('rolled-back', 8),
            setRef('gone', 1, { maxRefAgeMs: 1 }),
            setRef('audit', 5, { type: 'branch', maxRefAgeMs: 1 }),
          ],
          request: () => ({ olderThanMs: all() }),
        },
      ],
      [
        'the table has limits',
        {
          updates: () => [
            setRef('young', 1, { maxRefAgeMs: 9_000_000_000 }),
            setRef('gone', 2),
            {
              action: 'set-properties',
              updates: {
                'history.expire.max-snapshot-age-ms': '1',
                'history.expire.min-snapshots-to-keep': '2',
                'history.expire.max-ref-age-ms': '1',
              },
            },
          ],
          request: () => ({}),
        },
      ],
      [
        'snapshots are named: of a branch, and one that no ref reaches',
        { updates: () => [], request: () => ({ snapshotIds: [ids[1] ?? '', ids[8] ?? ''] }) },
      ],
    ]

    test.each(scenarios)('keeps the same snapshots and refs when %s', async (name, { updates, request }) => {
      const fork = `fork_${scenarios.findIndex(([one]) => one === name)}`
      await forks.fork('base', fork)
      await forks.catalog.write({
        kind: 'commit-table',
        table: forks.identifierOf(fork),
        change: { requirements: [], updates: updates() },
      })
      const { metadata } = await forks.load(fork)
      const requested = request()
      const { change, retention } = expireSnapshots(metadata, { nowMs: Date.now(), ...requested })
      // As Java decides, which then commits to its own fork.
      await forks.fork(fork, `${fork}_java`)
      await forks.inSpark(javaExpiry(`${fork}_java`, requested))
      if (change) await forks.catalog.write({ kind: 'commit-table', table: forks.identifierOf(fork), change })
      const [actual, expected] = [await forks.load(fork), await forks.load(`${fork}_java`)]
      expect(describeHistory(actual.metadata)).toEqual(describeHistory(expected.metadata))
      expect(describeHistory(actual.metadata).ids).toEqual(
        retention.snapshots.filter(({ retainedBy }) => retainedBy !== null).map(({ snapshotId }) => snapshotId),
      )
    })

    test('refuses to remove a snapshot that a ref names, as Java does', async () => {
      const { metadata } = await forks.load('base')
      const requested = { snapshotIds: [ids[5] ?? ''] }
      expect(() => retainedSnapshots(metadata, { nowMs: Date.now(), ...requested })).toThrow('audit')
      await expect(forks.inSpark(javaExpiry('base', requested))).rejects.toThrow('Still referenced by refs: [audit]')
    })

    test('finds exactly the files that Spark’s expire_snapshots removes (commit-safety 18)', async () => {
      await forks.catalog.write({
        kind: 'commit-table',
        table: forks.identifierOf('base'),
        change: {
          requirements: [],
          updates: [setRef('opening', 0)],
        },
      })
      const table = await forks.load('base')
      const request = { nowMs: Date.now(), olderThanMs: Date.now() }
      const reader: Pick<SnapshotGroup<RetentionGroup>, 'readManifests' | 'readFiles'> = {
        async *readManifests({ snapshotId }) {
          yield* await forks.manifestsOf(table, snapshotId)
        },
        async *readFiles(manifest) {
          for (const { status, dataFile } of await forks.entriesOf(table, manifest))
            if (status !== 'deleted') yield dataFile
        },
      }
      const groups = groupByRetention(table.metadata, retainedSnapshots(table.metadata, request), reader)
      const removed: string[] = []
      for await (const { group, location } of reachedFiles(groups))
        if (group === 'removed') removed.push(path.basename(location))
      const before = listFiles()
      await forks.sql(
        `CALL peer.system.expire_snapshots(table => 'ops.base', older_than => TIMESTAMP '${new Date(request.olderThanMs).toISOString().slice(0, 23).replace('T', ' ')}')`,
      )
      const after = new Set(listFiles())
      expect(removed.length).toBeGreaterThan(5)
      expect(removed.toSorted()).toEqual(before.filter((file) => !after.has(file)).sort())
      const { spark, pyiceberg } = await forks.rows('base')
      expect(pyiceberg).toEqual(spark)
    })

    /** Data and metadata files of `base`, without metadata.json, by their names. */
    function listFiles(): string[] {
      const folder = path.join(forks.folder, 'fixture-warehouse', 'ops', 'base')
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /^[^.].*\.(avro|parquet)$/.test(entry.name))
        .map(({ name }) => name)
    }
  },
)

/** Java's own expiry, without the removal of files, which the forks share. */
function javaExpiry(table: string, { olderThanMs, retainLast, snapshotIds = [] }: Partial<ExpiryRequest>): string {
  return [
    `table = spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, 'peer.ops.${table}')`,
    'expiry = table.expireSnapshots().cleanExpiredFiles(False)',
    ...(olderThanMs === undefined ? [] : [`expiry = expiry.expireOlderThan(${olderThanMs})`]),
    ...(retainLast === undefined ? [] : [`expiry = expiry.retainLast(${retainLast})`]),
    ...snapshotIds.map((snapshotId) => `expiry = expiry.expireSnapshotId(${snapshotId})`),
    'expiry.commit()',
    'answer = None',
  ].join('\n')
}

function describeHistory({ snapshots, refs, currentSnapshotId }: Parameters<typeof expireSnapshots>[0]): {
  ids: string[]
  refs: string[]
  currentSnapshotId: string | null
} {
  return { ids: snapshots.map(({ snapshotId }) => snapshotId), refs: Object.keys(refs).sort(), currentSnapshotId }
}
