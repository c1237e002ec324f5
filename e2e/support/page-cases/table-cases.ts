import { expect, type Locator, type Page } from '@playwright/test'
import { previewUndo, type UndoPreview } from '@/lib/contract/table/history'
import { BIRDSTRIKES, EARTHQUAKES, FLIGHTS, paths } from '../addresses'
import type { PageCase } from '../page-case'
import { panelNamed } from '../panels'
import { openProposals, PROPOSALS } from '../proposals'
import { matchEndpoint, stubEndpoint } from '../stub-endpoint'
import { reviewChanges } from '@/lib/contract/table/changes'

const UNDO: UndoPreview = {
  action: 'set-properties',
  properties: [
    { name: 'owner', now: 'weather team', after: null },
    { name: 'write.parquet.compression-codec', now: 'snappy', after: 'zstd' },
  ],
  intents: [],
  impact: null,
  needsConfirmation: false,
  request: {
    path: '/v1/local/namespaces/demo/tables/flights',
    body: '{\n  "requirements": [],\n  "updates": []\n}',
  },
}

/** A filter next to a past state takes the most room above the rows. */
const FILTERED_PAST = `${paths.table(FLIGHTS, 'data', { ref: 'q1-2001' })}&${new URLSearchParams({ where: 'origin = "SFO" and distance > 100' })}`

/** The tabs and panels of a table. */
export const TABLE_CASES: readonly PageCase[] = [
  {
    name: 'table-overview',
    address: paths.table(FLIGHTS),
    ready: (page) => page.getByRole('region', { name: 'Newest commits' }).getByText('append').first(),
  },
  { name: 'table-data', address: paths.table(FLIGHTS, 'data'), ready: firstFlight },
  {
    name: 'table-data-filtered-past',
    address: FILTERED_PAST,
    ready: (page) => page.getByRole('grid', { name: 'Rows' }).getByText('SFO').first(),
    visibleRows: { grid: 'Rows', wide: 20, narrow: 8 },
  },
  {
    name: 'table-data-profiled',
    address: `${FILTERED_PAST}&sort=1`,
    open: async (page) => {
      await page
        .getByRole('columnheader', { name: /^distance/ })
        .first()
        .hover()
      await page.getByRole('button', { name: 'Options for distance' }).click()
      await page.getByRole('menuitem', { name: 'Profile column' }).click()
      // The button does not have a line of its own.
      const topOf = async (name: string | RegExp) =>
        (await page.getByRole('button', { name, exact: typeof name === 'string' }).boundingBox())?.y ?? Number.NaN
      await expect.poll(async () => Math.abs((await topOf('Export')) - (await topOf('Filter')))).toBeLessThan(10)
    },
    ready: (page) => page.getByRole('complementary', { name: /^Profile of distance/ }).getByText('Distinct'),
    visibleRows: { grid: 'Rows', wide: 20 },
  },
  {
    name: 'table-row',
    address: paths.table(FLIGHTS, 'data'),
    open: async (page) => {
      await page.getByRole('rowheader', { name: '3', exact: true }).click()
    },
    ready: (page) => panelNamed(page, 'Row 3').getByText('MDW'),
  },
  {
    name: 'table-row-nested',
    address: `${paths.table(EARTHQUAKES, 'data')}?open=2`,
    ready: (page) => panelNamed(page, 'Row 2').getByText('longitude', { exact: true }),
  },
  {
    name: 'table-columns',
    address: paths.table(EARTHQUAKES, 'data'),
    open: async (page) => {
      await page.getByRole('button', { name: /columns$/ }).click()
    },
    ready: (page) => page.getByRole('button', { name: 'Hide all' }),
  },
  {
    name: 'table-nested',
    address: paths.table(EARTHQUAKES, 'data'),
    open: async (page) => {
      await page.getByRole('gridcell').first().click()
      for (let column = 2; column < 10; column++) await page.keyboard.press('ArrowRight')
      await page.locator('[role="gridcell"]:focus', { hasText: 'longitude' }).waitFor()
      await page.keyboard.press('Enter')
    },
    ready: (page) => page.getByLabel('location of row 1').getByText('longitude'),
  },
  {
    name: 'table-schema',
    address: paths.table(EARTHQUAKES, 'schema'),
    ready: (page) => page.getByRole('table', { name: 'Schema' }).getByText('felt_reports', { exact: true }),
  },
  {
    name: 'table-layout',
    address: paths.table(FLIGHTS, 'layout'),
    ready: (page) => page.getByRole('grid', { name: 'Simulated layouts' }).getByText('day(date)').first(),
  },
  {
    name: 'table-layout-edit',
    address: paths.table(BIRDSTRIKES, 'layout'),
    open: async (page) => {
      await page.getByRole('button', { name: 'Add partition field' }).click()
      await page.getByRole('button', { name: 'Add sort field' }).click()
      await page.getByRole('button', { name: 'Candidate', exact: true }).click()
    },
    ready: (page) => page.getByRole('grid', { name: 'Simulated layouts' }).getByText('in the tray').first(),
  },
  {
    name: 'table-layout-propose-only',
    address: paths.table(EARTHQUAKES, 'layout'),
    persona: 'viewer',
    ready: (page) => page.getByText('for another user to commit'),
  },
  {
    name: 'table-settings',
    address: paths.table(FLIGHTS, 'settings'),
    ready: (page) => page.getByText(/41 files/).first(),
  },
  {
    name: 'table-compression-studio',
    address: paths.compressionStudio(FLIGHTS),
    ready: (page) => page.getByRole('region', { name: 'What if' }).getByText('No sample'),
  },
  {
    name: 'table-compression-studio-sampled',
    address: paths.compressionStudio(BIRDSTRIKES),
    persona: 'editor',
    open: async (page) => {
      const sample = page.getByRole('button', { name: /^Sample/ })
      await sample.waitFor()
      if ((await sample.textContent()) === 'Sample') await sample.click()
    },
    ready: (page) => page.getByRole('grid', { name: 'Codecs' }).getByText('zstd 15'),
  },
  {
    name: 'table-review',
    address: paths.table(FLIGHTS, 'settings'),
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
      await page.getByRole('option', { name: 'snappy' }).click()
      await page.getByRole('button', { name: 'Review' }).click()
    },
    ready: (page) => panelNamed(page, /^Review/).getByText('assert-table-uuid'),
  },
  {
    name: 'table-tray',
    address: paths.table(FLIGHTS, 'settings'),
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
      await page.getByRole('option', { name: 'snappy' }).click()
      await page.getByRole('button', { name: 'List the changes' }).click()
    },
    ready: (page) =>
      page.getByRole('region', { name: 'Pending changes' }).getByRole('list', { name: 'Settings' }).getByText('snappy'),
  },
  {
    name: 'table-review-conflict',
    address: paths.table(FLIGHTS, 'settings'),
    prepare: mockConflict,
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
      await page.getByRole('option', { name: 'gzip' }).click()
      await page.getByRole('button', { name: 'Review' }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'Conflicts' }).getByRole('button', { name: 'Use mine' }),
  },
  {
    name: 'table-review-propose',
    address: paths.table(FLIGHTS, 'settings'),
    persona: 'viewer',
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Codec', exact: true }).click()
      await page.getByRole('option', { name: 'gzip' }).click()
      await page.getByRole('button', { name: 'Review' }).click()
      await page.getByRole('button', { name: 'Propose…' }).click()
    },
    ready: (page) => page.getByRole('form', { name: 'Proposal' }),
  },
  {
    name: 'table-proposals',
    address: paths.table(FLIGHTS, 'history'),
    open: (page) => openProposals(page, 'table'),
    ready: (page) => page.getByRole('grid', { name: 'Proposals' }),
  },
  {
    name: 'table-proposal',
    address: paths.table(FLIGHTS, 'history'),
    open: async (page) => {
      await openProposals(page, 'table')
      await page.getByRole('link', { name: PROPOSALS[0].title }).click()
    },
    ready: (page) => page.getByRole('tabpanel', { name: 'REST request' }),
  },
  {
    name: 'table-proposal-send-back',
    address: paths.table(FLIGHTS, 'history'),
    open: async (page) => {
      await openProposals(page, 'table')
      await page.getByRole('link', { name: PROPOSALS[0].title }).click()
      await page.getByRole('button', { name: 'Send back…' }).click()
    },
    ready: (page) => page.getByRole('form', { name: 'Send back' }),
  },
  {
    name: 'table-proposal-returned',
    address: paths.table(FLIGHTS, 'history'),
    open: async (page) => {
      await openProposals(page, 'table')
      await page.getByRole('link', { name: PROPOSALS[1].title }).click()
    },
    ready: (page) => page.getByRole('button', { name: 'Copy to tray' }),
  },
  {
    name: 'table-rename',
    address: `${paths.table(FLIGHTS)}?action=rename`,
    open: (page) => page.getByLabel('Name', { exact: true }).fill('flights_2001'),
    ready: (page) => page.getByRole('region', { name: 'Request' }),
  },
  {
    name: 'table-move',
    address: `${paths.table(FLIGHTS)}?action=rename`,
    open: async (page) => {
      await page.getByRole('combobox', { name: 'Namespace' }).fill('stocks')
      // Closes the list of names, which covers the rest.
      await page.getByRole('combobox', { name: 'Namespace' }).press('Tab')
    },
    ready: (page) => page.getByRole('region', { name: 'Request' }).getByText('"stocks"'),
  },
  {
    name: 'table-drop',
    address: `${paths.table(FLIGHTS)}?action=drop`,
    ready: (page) => page.getByRole('region', { name: 'Request' }),
  },
  {
    name: 'table-drop-with-files',
    address: `${paths.table(FLIGHTS)}?action=drop`,
    open: (page) => page.getByLabel(/^Delete after/).check(),
    ready: (page) => page.getByText(/^All \d+ files$/),
  },
  {
    name: 'table-clone',
    address: `${paths.table(FLIGHTS)}?action=clone`,
    open: (page) => page.getByText('Choose properties').click(),
    ready: (page) => page.getByText('Bytes to copy'),
  },
  {
    name: 'table-history',
    address: paths.table(FLIGHTS, 'history'),
    ready: (page) => page.getByRole('table', { name: 'History' }).getByText('append').first(),
  },
  {
    name: 'table-undo',
    address: `${paths.table(FLIGHTS, 'history')}?undo=a1`,
    // The response is mocked, because no test may change the table of the others.
    prepare: (page) => stubEndpoint(page, previewUndo, { table: 'flights' }, UNDO),
    ready: (page) => panelNamed(page, /^Undo: /).getByRole('button', { name: 'Undo' }),
  },
  {
    name: 'table-unknown',
    address: paths.table({ ...FLIGHTS, table: 'no-such-table' }),
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Not found'),
  },
]

function firstFlight(page: Page): Locator {
  return page.getByRole('grid', { name: 'Rows' }).getByText('2001-01-01').first()
}

/** As if another user had changed the codec since the page was opened. */
async function mockConflict(page: Page): Promise<void> {
  await page.route(matchEndpoint(reviewChanges, { table: 'flights' }), async (route) => {
    const { intents } = route.request().postDataJSON() as { intents: { value: string; base: string | null }[] }
    const [intent] = intents
    const response = await route.fetch()
    const conflict = { index: 0, base: intent?.base, current: 'snappy', requested: intent?.value }
    const conflicts = [{ ...conflict, rebased: { ...intent, base: 'snappy' } }]
    await route.fulfill({ json: { ...(await response.json()), conflicts } })
  })
}
