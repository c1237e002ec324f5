import type { Locator, Page } from '@playwright/test'
import { snapshotPaths } from '@/lib/snapshot-paths'
import { FLIGHTS, paths } from '../addresses'
import type { PageCase } from '../page-case'

/** Snapshots, branches and tags, and the table in the past. */
export const SNAPSHOT_CASES: readonly PageCase[] = [
  {
    name: 'table-snapshots',
    address: paths.table(FLIGHTS, 'snapshots'),
    ready: (page) => page.getByRole('grid', { name: 'Snapshots' }).getByText('append').first(),
  },
  {
    name: 'table-compare',
    address: snapshotPaths.comparison({ ...FLIGHTS, table: 'weather' }),
    ready: (page) => page.getByRole('grid', { name: 'Rows that differ' }).getByText('+', { exact: true }).first(),
  },
  {
    name: 'table-row-history',
    address: snapshotPaths.rowHistory({ ...FLIGHTS, table: 'weather' }, 'date = "2013-05-05" and location = "Seattle"'),
    ready: (page) => page.getByRole('listitem').filter({ hasText: 'weather-feed' }),
  },
  {
    name: 'table-broken-commit',
    address: `${snapshotPaths.brokenCommit({ ...FLIGHTS, table: 'weather' })}?${new URLSearchParams({ condition: "count(*) filter (where date >= date '2014-01-01') = 0" })}`,
    open: async (page) => {
      await page.getByRole('button', { name: 'Find the commit' }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'The commit that broke it' }),
  },
  {
    name: 'table-snapshot',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await page.getByRole('grid', { name: 'Snapshots' }).getByText('append').first().click()
    },
    ready: (page) => page.getByRole('complementary', { name: 'Snapshot' }).getByText('added-records'),
  },
  {
    name: 'table-rollback',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await page
        .getByRole('button', { name: /^Actions of/ })
        .nth(2)
        .click()
      await page.getByRole('menuitem', { name: /^Roll main back/ }).click()
    },
    ready: (page) => page.getByRole('table', { name: 'Impact' }),
  },
  {
    name: 'table-refs',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs`,
    ready: (page) => page.getByRole('table', { name: 'Branches and tags' }).getByText('main').first(),
  },
  {
    name: 'table-snapshot-menu',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await page
        .getByRole('button', { name: /^Actions of/ })
        .nth(2)
        .click()
    },
    ready: (page) => page.getByRole('menuitem', { name: /^Roll main back/ }),
  },
  {
    name: 'table-snapshots-filtered',
    address: `${paths.table(FLIGHTS, 'snapshots')}?operation=delete`,
    ready: (page) => page.getByText('No snapshot matches the filters.'),
  },
  {
    name: 'table-ref-menu',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs`,
    open: async (page) => {
      await page
        .getByRole('button', { name: /^Actions of/ })
        .nth(1)
        .click()
    },
    ready: (page) => page.getByRole('menuitem', { name: /^Remove/ }),
  },
  {
    name: 'table-ref-rename',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs&edit=rename&of=before-daily-partitions`,
    ready: (page) => page.getByRole('complementary', { name: /^Rename/ }).getByLabel('Name'),
  },
  {
    name: 'table-ref-move',
    address: `${paths.table(FLIGHTS, 'snapshots')}?move=main`,
    ready: (page) => page.getByRole('button', { name: 'Choose where to…' }),
  },
  {
    name: 'table-ref-remove',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs&edit=remove&of=before-daily-partitions`,
    ready: (page) => page.getByRole('region', { name: 'The commit' }),
  },
  {
    name: 'table-ref-retention',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs&edit=retention&of=before-daily-partitions`,
    ready: (page) => page.getByRole('region', { name: 'Impact' }),
  },
  {
    name: 'table-expire',
    address: `${paths.table(FLIGHTS, 'snapshots')}?edit=expire&of=table`,
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Older than' }).click()
      await page.getByRole('option', { name: /of any age/ }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'The commit' }),
  },
  {
    name: 'table-in-the-past',
    address: paths.table(FLIGHTS, 'data', { ref: 'q1-2001' }),
    ready: firstFlight,
  },
  {
    name: 'table-as-of',
    address: paths.table(FLIGHTS, 'schema'),
    open: async (page) => {
      await page.getByRole('button', { name: /^As of/ }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'As of' }).getByText('q1-2001'),
  },
]

function firstFlight(page: Page): Locator {
  return page.getByRole('grid', { name: 'Rows' }).getByText('2001-01-01').first()
}
