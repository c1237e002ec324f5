import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG } from '@/testing/product/console-client'
import { expectInConsole } from '@/testing/product/expect-in-console'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import type { PythonSession } from '@/testing/peers/python-session'
import { openSpark } from '@/testing/peers/shared/open-peer'
import { type RestServer, startRestServer } from '@/testing/product/rest-server'

/**
 * Spark with Iceberg's Java client, in one JVM: every step is checked against Spark's reading, and against the
 * console's view of the same table. See `testing/product/rest-server.ts` for how to run the tests against Iceberg's own
 * server.
 */

const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const python = installPyspark()

describe.skipIf(python === null || jar === null)('Spark over REST (skipped when it is unavailable)', () => {
  let folder: string
  let server: RestServer
  let session: PythonSession

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'spark-rest-'))
    server = await startRestServer(folder)
    session = openSpark({ uri: server.uri, ...(server.token !== null && { token: server.token }) })
  })
  afterAll(async () => {
    await session?.stop()
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  /** Runs statements in order. @returns the rows of the last one, every value as text */
  async function sql(...statements: string[]): Promise<(string | null)[][]> {
    let rows: (string | null)[][] = []
    for (const statement of statements) rows = await session.request({ sql: statement })
    return rows
  }
  const trips = () => sql('SELECT id, city, fare FROM shop.trips ORDER BY id')
  const snapshotIds = async () =>
    (await sql('SELECT snapshot_id FROM shop.trips.snapshots ORDER BY committed_at')).map(String)
  const inConsole = (table: string, namespace = 'shop') => expectInConsole(server.console, namespace, table)

  test('creates namespaces and changes their properties', async () => {
    await sql(
      `CREATE NAMESPACE shop COMMENT 'all that is sold'`,
      'CREATE NAMESPACE shop.north',
      `ALTER NAMESPACE shop SET PROPERTIES ('team' = 'sales')`,
    )
    expect(await sql('SHOW NAMESPACES IN shop')).toEqual([['shop.north']])
    const described = await sql('DESCRIBE NAMESPACE EXTENDED shop')
    expect(described).toContainEqual(['Comment', 'all that is sold'])
    expect(described).toContainEqual(['Properties', expect.stringContaining('(team,sales)')])
    await sql('DROP NAMESPACE shop.north')
    expect(await sql('SHOW NAMESPACES IN shop')).toEqual([])
  })

  test('creates a partitioned table and appends to it', async () => {
    await sql(
      `CREATE TABLE shop.trips (id BIGINT NOT NULL, city STRING COMMENT 'where', fare DECIMAL(9, 2), at TIMESTAMP)
       USING iceberg PARTITIONED BY (city) TBLPROPERTIES ('write.parquet.compression-codec' = 'zstd',
       'write.delete.mode' = 'copy-on-write', 'write.update.mode' = 'copy-on-write', 'write.merge.mode' = 'copy-on-write')`,
      `INSERT INTO shop.trips VALUES (1, 'ABQ', 1.50, TIMESTAMP '2026-01-01 12:00:00'),
       (2, 'JFK', 2.50, TIMESTAMP '2026-01-02 12:00:00'), (3051729675574597004, 'ÅBC', NULL, NULL)`,
      `INSERT INTO shop.trips VALUES (4, NULL, 4.00, TIMESTAMP '2026-01-04 12:00:00')`,
    )
    expect(await trips()).toEqual([
      ['1', 'ABQ', '1.50'],
      ['2', 'JFK', '2.50'],
      ['4', null, '4.00'],
      ['3051729675574597004', 'ÅBC', null],
    ])
    await inConsole('trips').toHave({ rowCount: 4, snapshotIds: await snapshotIds(), partitionedBy: 'city' })
  })

  test('overwrites partitions, deletes, updates and merges by copying the remaining rows', async () => {
    await sql(
      `SET spark.sql.sources.partitionOverwriteMode = dynamic`,
      `INSERT OVERWRITE shop.trips VALUES (2, 'JFK', 20.00, NULL), (5, 'JFK', 5.00, NULL), (6, 'JFK', 6.00, NULL)`,
    )
    await sql(`DELETE FROM shop.trips WHERE id = 6`, `UPDATE shop.trips SET fare = 1.75 WHERE id = 1`)
    await sql(`MERGE INTO shop.trips t USING (SELECT * FROM VALUES (5, 'JFK', 50.00), (7, 'LAX', 7.00) AS s(id, city, fare)) s
      ON t.id = s.id WHEN MATCHED THEN UPDATE SET t.fare = s.fare
      WHEN NOT MATCHED THEN INSERT (id, city, fare, at) VALUES (s.id, s.city, s.fare, NULL)`)
    expect(await trips()).toEqual([
      ['1', 'ABQ', '1.75'],
      ['2', 'JFK', '20.00'],
      ['4', null, '4.00'],
      ['5', 'JFK', '50.00'],
      ['7', 'LAX', '7.00'],
      ['3051729675574597004', 'ÅBC', null],
    ])
    expect(await sql('SELECT count(*) FROM shop.trips.delete_files')).toEqual([['0']])
    await inConsole('trips').toHave({ rowCount: 6, snapshotIds: await snapshotIds() })
  })

  test('changes schema, partitioning, sort order and properties, and still reads old files', async () => {
    await sql(
      'ALTER TABLE shop.trips ADD COLUMN note STRUCT<by: STRING, stars: INT>',
      'ALTER TABLE shop.trips ADD COLUMN note.tags ARRAY<STRING>',
      'ALTER TABLE shop.trips RENAME COLUMN at TO taken_at',
      'ALTER TABLE shop.trips ALTER COLUMN fare TYPE DECIMAL(12, 2)',
      'ALTER TABLE shop.trips ALTER COLUMN city FIRST',
      'ALTER TABLE shop.trips REPLACE PARTITION FIELD city WITH month(taken_at)',
      'ALTER TABLE shop.trips WRITE ORDERED BY city DESC NULLS LAST, id',
      `ALTER TABLE shop.trips SET TBLPROPERTIES ('comment' = 'all trips')`,
      `INSERT INTO shop.trips (city, id, fare, taken_at, note)
       VALUES ('SFO', 8, 8.00, TIMESTAMP '2026-02-01 12:00:00', named_struct('by', 'bo', 'stars', 5, 'tags', array('a', 'b')))`,
    )
    expect(await sql('SELECT id, fare, note.tags[1], taken_at FROM shop.trips WHERE id IN (1, 8) ORDER BY id')).toEqual(
      [
        ['1', '1.75', null, '2026-01-01 12:00:00'],
        ['8', '8.00', 'b', '2026-02-01 12:00:00'],
      ],
    )
    expect(await sql('SELECT DISTINCT spec_id FROM shop.trips.files ORDER BY 1')).toEqual([['0'], ['1']])
    await inConsole('trips').toHave({
      rowCount: 7,
      snapshotIds: await snapshotIds(),
      columns: ['city', 'id', 'fare', 'taken_at', 'note'],
      partitionedBy: 'month(taken_at)',
      property: ['comment', 'all trips'],
    })
  })

  test('tags, branches, writes to a branch, fast-forwards, and reads any snapshot by name, id and time', async () => {
    const [first, second] = await snapshotIds()
    await sql(
      `ALTER TABLE shop.trips CREATE TAG opening AS OF VERSION ${first} RETAIN 365 DAYS`,
      'ALTER TABLE shop.trips CREATE BRANCH audit',
      `INSERT INTO shop.trips.branch_audit VALUES ('DEN', 9, NULL, NULL, NULL)`,
    )
    const refs = await sql('SELECT name, lower(type), snapshot_id FROM shop.trips.refs ORDER BY name')
    expect(refs.map(([name, type]) => [name, type])).toEqual([
      ['audit', 'branch'],
      ['main', 'branch'],
      ['opening', 'tag'],
    ])
    await inConsole('trips').toHave({ rowCount: 7, refs: refs as [string, string, string][] })

    const count = async (asOf: string) => (await sql(`SELECT count(*) FROM shop.trips ${asOf}`))[0]?.[0]
    expect(await count(`VERSION AS OF 'opening'`)).toBe('3')
    expect(await count(`VERSION AS OF 'audit'`)).toBe('8')
    expect(await count(`VERSION AS OF ${second}`)).toBe('4')
    const [[madeAt] = []] = await sql(`SELECT committed_at FROM shop.trips.snapshots WHERE snapshot_id = ${second}`)
    expect(await count(`TIMESTAMP AS OF '${madeAt}'`)).toBe('4')

    await sql(
      `CALL peer.system.fast_forward('shop.trips', 'main', 'audit')`,
      'ALTER TABLE shop.trips DROP BRANCH audit',
    )
    expect(await count('')).toBe('8')
    await inConsole('trips').toHave({ rowCount: 8 })
  })

  test('reads the old rows after a rollback in the console, and appends to them', async ({ skip }) => {
    const { console } = server
    if (console === null) return skip('this server has no console')
    const [, second] = await snapshotIds()
    const then = await sql(`SELECT id, city, fare FROM shop.trips VERSION AS OF ${second} ORDER BY id`)
    await console.rollBack('shop', 'trips', String(second))
    expect(await trips()).toEqual(then)
    await sql(`INSERT INTO shop.trips VALUES ('BOS', 10, NULL, NULL, NULL)`)
    expect(await trips()).toHaveLength(then.length + 1)
    await inConsole('trips').toHave({ rowCount: then.length + 1 })
  })

  test('creates a table from a query in one commit, replaces it and changes its format version', async () => {
    await sql(
      `CREATE TABLE shop.cities USING iceberg TBLPROPERTIES ('format-version' = '2') AS SELECT DISTINCT city FROM shop.trips`,
      `CREATE OR REPLACE TABLE shop.cities USING iceberg AS SELECT city, count(*) AS trips FROM shop.trips WHERE city IS NOT NULL GROUP BY city`,
      `ALTER TABLE shop.cities SET TBLPROPERTIES ('format-version' = '3')`,
      `INSERT INTO shop.cities VALUES ('OSL', 0)`,
    )
    const cities = await sql('SELECT * FROM shop.cities')
    expect(cities).toContainEqual(['OSL', '0'])
    await inConsole('cities').toHave({ rowCount: cities.length, columns: ['city', 'trips'] })
  })

  test('expires snapshots, rewrites files and manifests', async () => {
    const before = await sql('SELECT * FROM shop.cities ORDER BY city')
    await sql(
      `CALL peer.system.rewrite_data_files(table => 'shop.cities', options => map('min-input-files', '1', 'rewrite-all', 'true'))`,
      `CALL peer.system.rewrite_manifests('shop.cities')`,
      `CALL peer.system.expire_snapshots(table => 'shop.cities', older_than => TIMESTAMP '2100-01-01 00:00:00', retain_last => 1)`,
    )
    expect(await sql('SELECT * FROM shop.cities ORDER BY city')).toEqual(before)
    expect(await sql('SELECT count(*) FROM shop.cities.snapshots')).toEqual([['1']])
    await inConsole('cities').toHave({ rowCount: before.length })
  })

  test('creates, replaces, lists, renames and drops views', async () => {
    await sql(
      'CREATE VIEW shop.big AS SELECT id FROM shop.trips WHERE id > 1',
      `CREATE OR REPLACE VIEW shop.big (number COMMENT 'of the trip') COMMENT 'large ones' TBLPROPERTIES ('team' = 'sales')
       AS SELECT id FROM shop.trips WHERE id > 1000`,
    )
    expect(await sql('SELECT number FROM shop.big')).toEqual([['3051729675574597004']])
    expect((await sql('SHOW VIEWS IN shop')).map(([, name]) => name)).toEqual(['big'])
    await sql('ALTER VIEW shop.big RENAME TO shop.large', `ALTER VIEW shop.large SET TBLPROPERTIES ('team' = 'ops')`)
    expect(await sql('SELECT count(*) FROM shop.large')).toEqual([['1']])
    expect(await sql('SHOW TBLPROPERTIES shop.large')).toContainEqual(['team', 'ops'])
    await sql('DROP VIEW shop.large')
    expect(await sql('SHOW VIEWS IN shop')).toEqual([])
  })

  test('appends and merges manifests where changes need two people, and overwrites nothing there', async ({ skip }) => {
    const { console } = server
    if (console === null) return skip('this server has no policies')
    const insert = (id: number) => sql(`INSERT INTO held.events VALUES (${id})`)
    await sql(
      'CREATE NAMESPACE held',
      `CREATE TABLE held.events (id BIGINT) USING iceberg TBLPROPERTIES ('commit.manifest.min-count-to-merge' = '2')`,
    )
    await insert(1)
    const policy = { requiresProposal: true, includesEngines: true }
    const set = await console.fetch(`/api/v1/catalogs/${CATALOG}/namespaces/held/change-policy`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(policy),
    })
    expect(set.status).toBe(200)
    for (const id of [2, 3, 4]) await insert(id)
    // Spark has merged the manifests of all appends.
    expect(await sql('SELECT count(*) FROM held.events.manifests')).toEqual([['1']])
    for (const change of ['INSERT OVERWRITE held.events VALUES (9)', 'DELETE FROM held.events WHERE id = 1'])
      await expect(sql(change)).rejects.toThrow('need two people, including those of engines')
    await insert(5)
    expect(await sql('SELECT id FROM held.events ORDER BY id')).toEqual([['1'], ['2'], ['3'], ['4'], ['5']])
    await inConsole('events', 'held').toHave({ rowCount: 5 })
  })

  test('renames and drops tables, and reports missing ones as missing, not as errors of the server', async () => {
    await sql('ALTER TABLE shop.cities RENAME TO shop.towns')
    const tables = await sql('SHOW TABLES IN shop')
    expect(new Set(tables.map(([, name]) => name))).toEqual(new Set(['towns', 'trips']))
    await sql('DROP TABLE shop.towns PURGE', 'DROP TABLE shop.trips')
    await expect(sql('SELECT * FROM shop.trips')).rejects.toThrow('TABLE_OR_VIEW_NOT_FOUND')
    await expect(sql('CREATE TABLE nowhere.t (id INT) USING iceberg')).rejects.toThrow('NoSuchNamespaceException')
    await sql('DROP NAMESPACE shop')
    expect((await sql('SHOW NAMESPACES')).map(String)).not.toContain('shop')
  })
})
