import { paths, ROUTES } from '../addresses'
import type { PageCase } from '../page-case'
import { panelNamed } from '../panels'
import { openViewProposals } from '../proposals'
import { fillSql } from '../sql-editor'

/** Views. */
export const VIEW_CASES: readonly PageCase[] = [
  {
    name: 'view',
    address: paths.view(ROUTES),
    ready: (page) => page.getByRole('table', { name: 'Schema' }).getByText('average_delay'),
  },
  {
    name: 'view-data',
    address: paths.viewData(ROUTES),
    ready: (page) => page.getByRole('grid', { name: 'Results' }).getByText('average_delay'),
  },
  {
    name: 'view-compared',
    address: `${paths.view(ROUTES)}?against=1`,
    ready: (page) => page.getByRole('region', { name: /compared with version 1/ }),
  },
  {
    name: 'view-in-the-past',
    address: paths.view(ROUTES, 1),
    ready: (page) => page.getByRole('region', { name: 'Another version' }),
  },
  {
    name: 'view-version-unknown',
    address: paths.view(ROUTES, 99),
    ready: (page) => page.getByRole('button', { name: 'Show current version' }),
  },
  {
    name: 'view-unknown',
    address: paths.view({ ...ROUTES, view: 'no_such_view' }),
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Not found'),
  },
  {
    name: 'view-new',
    address: paths.newView('local', ['demo'], 'select origin, count(*) as flights from demo.flights group by 1'),
    persona: 'editor',
    open: async (page) => {
      await page.getByText('From the SQL in duckdb, for you to approve.').waitFor()
      await page.getByLabel('Name', { exact: true }).fill('flights_by_origin')
    },
    ready: (page) => page.getByRole('complementary', { name: 'Review' }).getByText('"view-version"'),
  },
  {
    name: 'view-edit',
    address: paths.editView(ROUTES),
    persona: 'editor',
    open: async (page) => {
      const sql = page.getByRole('textbox', { name: 'Query in spark' })
      await fillSql(sql, 'SELECT origin, destination, count(*) AS flights FROM flights GROUP BY origin, destination')
    },
    ready: (page) => page.getByRole('complementary', { name: 'Review' }).getByText('assert-view-uuid'),
  },
  {
    name: 'view-about',
    address: `${paths.view(ROUTES)}?action=about`,
    persona: 'editor',
    ready: (page) => panelNamed(page, 'About this view').getByLabel('Description'),
  },
  {
    name: 'view-properties',
    address: `${paths.view(ROUTES)}?action=properties`,
    persona: 'editor',
    open: async (page) => {
      await page.getByRole('button', { name: 'Add property' }).click()
      await page.getByLabel('Key').last().fill('version.history.num-entries')
      await page.getByLabel('Value').last().fill('0')
    },
    ready: (page) => page.getByText('should be a whole number from 1 to 1000'),
  },
  {
    name: 'view-roll-back',
    address: `${paths.view(ROUTES, 1)}&action=roll-back`,
    persona: 'editor',
    ready: (page) => panelNamed(page, 'Roll back').getByText('assert-view-uuid'),
  },
  {
    name: 'view-rename',
    address: `${paths.view(ROUTES)}?action=rename`,
    persona: 'editor',
    open: async (page) => page.getByLabel('Name', { exact: true }).fill('routes'),
    ready: (page) => panelNamed(page, 'Rename or move').getByText('"destination"'),
  },
  {
    name: 'view-drop',
    address: `${paths.view(ROUTES)}?action=drop`,
    persona: 'editor',
    ready: (page) => panelNamed(page, 'Drop view').getByLabel(/^Type/),
  },
  {
    name: 'view-proposals',
    address: paths.view(ROUTES),
    open: (page) => openViewProposals(page),
    ready: (page) => page.getByRole('grid', { name: 'Proposals' }).getByText('Only busy routes'),
  },
  {
    name: 'view-proposal',
    address: paths.view(ROUTES),
    persona: 'editor',
    open: async (page) => {
      await openViewProposals(page)
      await page.getByRole('link', { name: 'Only busy routes' }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'Change of the SQL, spark' }).getByText('LIMIT 100'),
  },
  {
    name: 'view-proposal-drop',
    address: paths.view(ROUTES),
    persona: 'editor',
    open: async (page) => {
      await openViewProposals(page)
      await page.getByRole('link', { name: 'Nobody reads it' }).click()
    },
    ready: (page) => page.getByText('No rows are removed: a view has none of its own.'),
  },
]
