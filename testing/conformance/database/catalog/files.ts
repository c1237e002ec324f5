import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { insertFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import { readMissingMigrations, probeWrite } from '@/server/db/health'
import { reportChanges } from '@/server/db/catalog/metrics-reports'
import { migrationNames } from '@/server/db/migrations'
import {
  runConcurrently,
  CONCURRENCY,
  countRows,
  MAX_INTEGER,
  LONG_TEXT,
  NAMES,
  type OpenDatabase,
  setUpDatabase,
  selectRows,
  TEXTS,
} from '../testbed'

const SIZES = { plainBytes: 1, plainSource: 'counted', encodedBytes: 2, storedBytes: 3, codecs: { a: 'ZSTD' } } as const

export function describeFiles(open: OpenDatabase): void {
  describe('Sizes of data files', () => {
    const database = setUpDatabase(open)

    test('are stored by path', async () => {
      const paths = [...NAMES, ...TEXTS].map((name) => `s3://bucket/${name}`)
      const measured = paths.map((path, i) => ({
        path,
        sizes: {
          plainBytes: i % 2 ? null : MAX_INTEGER - i,
          plainSource: ([null, 'counted', 'size-statistics', 'estimated'] as const)[i % 4] ?? null,
          encodedBytes: MAX_INTEGER,
          storedBytes: i,
          codecs: { [`it's.${i} \0`]: 'ZSTD, SNAPPY' },
        },
      }))
      expect(await database().commit(measured.map(({ path, sizes }) => insertFileSizes('uuid', path, sizes)))).toEqual(
        paths.map(() => 1),
      )
      const known = await readFileSizes(database(), [...paths, 's3://bucket/none', 'S3://bucket/a'])
      expect(known).toEqual(new Map(measured.map(({ path, sizes }) => [path, sizes])))
      expect(await readFileSizes(database(), [])).toEqual(new Map())
    })

    test('keep their first measurement', async () => {
      const { done } = await runConcurrently((i) =>
        database().commit([insertFileSizes('uuid', 'measured', { ...SIZES, storedBytes: i })]),
      )
      expect(done.flat().reduce((sum, changed) => sum + changed, 0)).toBe(1)
      const first = await readFileSizes(database(), ['measured'])
      expect(await database().commit([insertFileSizes('other', 'measured', SIZES)])).toEqual([0])
      expect(await readFileSizes(database(), ['measured'])).toEqual(first)
    })

    test('are found for thousands of files', async () => {
      const paths = Array.from({ length: 2001 }, (_, i) => `many/${i}`)
      await database().commit(paths.filter((_, i) => i % 2).map((path) => insertFileSizes('uuid', path, SIZES)))
      expect((await readFileSizes(database(), paths)).size).toBe(1000)
    })
  })
}

export function describeMetricsReports(open: OpenDatabase): void {
  describe('Reports of engines', () => {
    const database = setUpDatabase(open)
    const DAY_MS = 24 * 60 * 60_000
    const MAX_REPORTS = 20_000
    const report = (text: string) =>
      reportChanges({
        table: { catalog: "it's", namespace: ['a.b', 'c'], table: '%' },
        kind: 'scan-report',
        snapshotId: '9223372036854775807',
        userId: 'u',
        report: text,
      })

    test('are stored unchanged', async () => {
      const text = `{"snapshot-id":9223372036854775807,"nul":"\\u0000","long":"${LONG_TEXT}"}`
      expect(await database().commit(report(text))).toEqual([1, 0, 0])
      expect(await selectRows(database(), 'SELECT * FROM metrics_reports')).toEqual([
        {
          id: expect.any(String),
          at_ms: expect.any(Number),
          catalog: "it's",
          namespace: 'a.b\x1Fc',
          table_name: '%',
          kind: 'scan-report',
          snapshot_id: '9223372036854775807',
          user_id: 'u',
          report: text,
        },
      ])
    })

    test('are removed when they are old', async () => {
      await database().commit([rawChange('UPDATE metrics_reports SET at_ms = at_ms - ?', [29 * DAY_MS])])
      expect(await database().commit(report('{}'))).toEqual([1, 0, 0])
      await database().commit([rawChange('UPDATE metrics_reports SET at_ms = at_ms - ?', [2 * DAY_MS])])
      expect(await database().commit(report('young'))).toEqual([1, 1, 0])
    })

    test('are removed when there are too many, the oldest first', async () => {
      await database().commit([
        rawChange(`INSERT INTO metrics_reports
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_REPORTS + 5})
          SELECT '00' || (100000 + i), (SELECT max(at_ms) FROM metrics_reports), 'c', 'n', 't', 'scan-report', NULL, 'u', 'r' || i
          FROM n`),
      ])
      expect(await database().commit(report('last'))).toEqual([1, 0, 8])
      expect(await countRows(database(), 'metrics_reports')).toBe(MAX_REPORTS)
      expect(await selectRows(database(), 'SELECT report FROM metrics_reports ORDER BY id LIMIT 1')).toEqual([
        { report: 'r9' },
      ])
      expect(await countRows(database(), "metrics_reports WHERE report = 'young'")).toBe(1)
    })

    test('are stored from many concurrent writers', async () => {
      const { done } = await runConcurrently((i) => database().commit(report(`at once ${i}`)))
      expect(done).toHaveLength(CONCURRENCY)
      await database().commit(report('after them'))
      expect(await countRows(database(), 'metrics_reports')).toBe(MAX_REPORTS)
      expect(await countRows(database(), "metrics_reports WHERE report LIKE 'at once %'")).toBe(CONCURRENCY)
    })
  })
}

export function describeHealth(open: OpenDatabase): void {
  describe('A healthy database', () => {
    const database = setUpDatabase(open)

    test('accepts a write, however many run at once', async () => {
      await probeWrite(database())
      const { refused } = await runConcurrently(() => probeWrite(database()))
      expect(refused).toEqual([])
      const probes = await selectRows(database(), 'SELECT id, at_ms FROM write_probe')
      expect(probes).toEqual([{ id: 1, at_ms: expect.any(Number) }])
      expect(Math.abs(Number(probes[0]?.at_ms) - database().nowMs())).toBeLessThan(60_000)
    })

    test('has all migrations', async () => {
      expect(await readMissingMigrations(database())).toEqual([])
      await database().commit([rawChange('DELETE FROM lakeshore_migrations')])
      expect(await readMissingMigrations(database())).toEqual(migrationNames())
    })
  })
}
