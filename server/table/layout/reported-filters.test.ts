import { expect, it } from 'vitest'
import { reportChanges } from '@/server/db/catalog/metrics-reports'
import { createTestHome } from '@/testing/homes/test-home'
import { readReportedFilters } from './reported-filters'

const home = createTestHome()
const table = { catalog: 'lake', namespace: ['ns'], table: 'scanned' }

it('counts the columns that engines filter on, and the files that their scans read', async () => {
  const origin = { type: 'eq', term: 'origin', value: '(hash-1a2b3c4d)' }
  const day = { type: 'gt', term: { type: 'transform', transform: 'day', term: 'at' }, value: '(date)' }
  const reports = [
    { filter: origin, metrics: { 'result-data-files': { unit: 'count', value: 4 } } },
    {
      filter: { type: 'and', left: origin, right: { type: 'not', child: day } },
      metrics: { 'result-data-files': { unit: 'count', value: 8 } },
    },
    // The same columns, in the current form of expressions.
    {
      filter: {
        type: 'or',
        left: {
          type: 'eq',
          left: { type: 'literal', value: '(hash-1a2b3c4d)' },
          right: { type: 'reference', name: 'origin' },
        },
        right: {
          type: 'gt',
          left: {
            type: 'apply',
            function: { catalog: 'iceberg_functions', identifier: ['day'] },
            arguments: [{ type: 'reference', name: 'at' }],
          },
          right: '(date)',
        },
      },
      metrics: {},
    },
    { filter: true, metrics: {} },
    { filter: 'nonsense', metrics: 7 },
  ].map((report) => JSON.stringify(report))
  for (const report of [...reports, 'not JSON']) {
    const common = { kind: 'scan-report' as const, snapshotId: null, userId: 'someone', report }
    await home.database.commit(reportChanges({ table, ...common }))
    await home.database.commit(reportChanges({ table: { ...table, table: 'other' }, ...common }))
  }
  expect(await readReportedFilters(home.database, table, () => null)).toEqual({
    reportCount: 6,
    columns: [
      { column: 'origin', scanCount: 3, averageFilesRead: 6 },
      { column: 'at', scanCount: 2, averageFilesRead: 8 },
    ],
  })
  expect(await readReportedFilters(home.database, { ...table, table: 'never' }, () => null)).toEqual({
    reportCount: 0,
    columns: [],
  })
})
