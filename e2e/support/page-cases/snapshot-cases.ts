import type { Locator, Page } from '@playwright/test'
import { type ExpiryUndoPreview, previewExpiryUndo } from '@/lib/contract/table/expiry'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { FLIGHTS, paths } from '../addresses'
import { expiredFilesOf, listExpiredFiles } from '../expiry'
import type { PageCase } from '../page-case'
import { panelNamed } from '../panels'
import { stubEndpoint } from '../stub-endpoint'

const EXPIRY_UNDO: ExpiryUndoPreview = {
  method: 'restore',
  problem: null,
  snapshotCount: 12,
  metadataLocation:
    'file:///lake/warehouse/demo/flights/metadata/00041-6b1d1a63-0f6a-4f4c-9a3e-4f5f8f0f6a11.metadata.json',
  removal: null,
  requiredBy: null,
}

/** Snapshots, branches and tags, and the table in the past. */
export const SNAPSHOT_CASES: readonly PageCase[] = [
  {
    name: 'table-snapshots',
    address: paths.table(FLIGHTS, 'snapshots'),
    ready: (page) => page.getByRole('grid', { name: 'Snapshots' }).getByText('append', { exact: true }).first(),
  },
  {
    name: 'table-compare',
    address: snapshotPaths.comparison({ ...FLIGHTS, table: 'weather' }),
    ready: (page) => page.getByRole('grid', { name: 'Rows that differ' }).getByText('+', { exact: true }).first(),
    visibleRows: { grid: 'Rows that differ', wide: 16, narrow: 8 },
  },
  {
    name: 'table-row-history',
    address: snapshotPaths.rowHistory({ ...FLIGHTS, table: 'weather' }, 'date = "2013-05-05" and location = "Seattle"'),
    ready: (page) => page.getByRole('grid', { name: 'Changes of the row' }).getByText('weather-feed').first(),
  },
  {
    name: 'table-broken-commit',
    address: `${snapshotPaths.brokenCommit({ ...FLIGHTS, table: 'weather' })}?${new URLSearchParams({ condition: "count(*) filter (where date >= date '2014-01-01') = 0" })}`,
    open: async (page) => {
      await page.getByRole('button', { name: 'Find the commit' }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'Breaking commit', exact: true }),
  },
  {
    name: 'table-snapshot',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await page.getByRole('grid', { name: 'Snapshots' }).getByText('append', { exact: true }).first().click()
    },
    ready: (page) => panelNamed(page, 'Snapshot').getByText('added-records'),
  },
  {
    name: 'table-rollback',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: (page) => openSnapshotAction(page, /^Roll main back/),
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
    open: openSnapshotMenu,
    ready: (page) => page.getByRole('menuitem', { name: /^Roll main back/ }),
  },
  {
    name: 'table-snapshots-filtered',
    address: `${paths.table(FLIGHTS, 'snapshots')}?operation=delete`,
    ready: (page) => page.getByText('No snapshots match these filters.'),
  },
  {
    name: 'table-ref-menu',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs`,
    open: async (page) => {
      await page
        .getByRole('button', { name: / options$/ })
        .nth(1)
        .click()
    },
    ready: (page) => page.getByRole('menuitem', { name: /^Remove/ }),
  },
  {
    name: 'table-branch-new',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: (page) => openSnapshotAction(page, 'New branch here…'),
    ready: (page) => panelNamed(page, 'New branch').getByRole('region', { name: 'Impact' }),
  },
  {
    name: 'table-tag-new',
    address: paths.table(FLIGHTS, 'snapshots'),
    open: async (page) => {
      await openSnapshotAction(page, 'New tag here…')
      await page.getByLabel('Keep the tag for').fill('30 days')
    },
    ready: (page) => panelNamed(page, 'New tag').getByRole('region', { name: 'Impact' }),
  },
  {
    name: 'table-ref-rename',
    address: `${paths.table(FLIGHTS, 'snapshots')}?list=refs&edit=rename&of=before-daily-partitions`,
    ready: (page) => panelNamed(page, /^Rename/).getByLabel('Name'),
  },
  {
    name: 'table-ref-move',
    address: `${paths.table(FLIGHTS, 'snapshots')}?move=main`,
    ready: (page) => page.getByRole('button', { name: 'Choose where to…' }),
  },
  {
    name: 'table-ref-move-target',
    address: `${paths.table(FLIGHTS, 'snapshots')}?move=main`,
    open: (page) => page.getByRole('button', { name: 'Choose where to…' }).click(),
    ready: (page) => page.getByRole('dialog', { name: 'Where to' }).getByText('q1-2001'),
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
      // The list of files ends with the dry run that it belongs to.
      const dryRun = page.waitForResponse((response) => response.url().endsWith('/expiries/preview'))
      await page.getByRole('option', { name: /of any age/ }).click()
      await dryRun
      await listExpiredFiles(page)
    },
    ready: expiredFilesOf,
  },
  {
    name: 'table-expiry-undo',
    address: `${paths.table(FLIGHTS, 'snapshots')}?edit=undo-expiry&of=a1`,
    // The response is mocked, because no test may change the table of the others.
    prepare: (page) => stubEndpoint(page, previewExpiryUndo, { table: 'flights' }, EXPIRY_UNDO),
    ready: (page) => panelNamed(page, 'Undo: Expire snapshots').getByRole('button', { name: 'Undo' }),
  },
  {
    name: 'table-in-the-past',
    address: paths.table(FLIGHTS, 'data', { ref: 'q1-2001' }),
    ready: firstFlight,
  },
  {
    name: 'table-as-of',
    // A tab without buttons that the menu would cover in part.
    address: paths.table(FLIGHTS, 'history'),
    open: async (page) => {
      await page.getByRole('button', { name: /^As of/ }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'As of' }).getByText('q1-2001'),
  },
]

function firstFlight(page: Page): Locator {
  return page.getByRole('grid', { name: 'Rows' }).getByText('2001-01-01').first()
}

/** Opens the menu of a snapshot other than the newest. */
async function openSnapshotMenu(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: / options$/ })
    .nth(2)
    .click()
}

async function openSnapshotAction(page: Page, action: string | RegExp): Promise<void> {
  await openSnapshotMenu(page)
  await page.getByRole('menuitem', { name: action }).click()
}
