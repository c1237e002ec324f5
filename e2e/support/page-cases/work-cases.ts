import type { Page } from '@playwright/test'
import { paths } from '../addresses'
import type { PageCase } from '../page-case'

const TOP_ORIGINS_SQL = 'select origin, count(*) as flights\nfrom demo.flights\ngroup by 1 order by 2 desc limit 10'

/** Queries, dashboards, and jobs. */
export const WORK_CASES: readonly PageCase[] = [
  {
    name: 'query',
    address: paths.query(),
    ready: (page) => page.getByRole('textbox', { name: 'SQL' }),
  },
  {
    name: 'query-results',
    address: paths.query(TOP_ORIGINS_SQL),
    open: runQuery,
    ready: (page) => page.getByRole('grid', { name: 'Results' }).getByText('ORD'),
  },
  {
    name: 'query-mistake',
    address: paths.query(TOP_ORIGINS_SQL.replace('origin', 'orign')),
    open: runQuery,
    ready: (page) => page.getByText('The query could not be run'),
  },
  {
    name: 'ingestion',
    address: paths.ingestionDashboard(),
    ready: (page) => page.getByRole('application').nth(1),
  },
  {
    name: 'ingestion-as-table',
    address: paths.ingestionDashboard(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Show as table: Rows a day' }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'Rows a day', exact: true }).getByRole('table'),
  },
  {
    name: 'compression',
    address: paths.compressionDashboard(),
    ready: (page) => page.getByRole('application').nth(1),
  },
  {
    name: 'jobs',
    address: paths.jobs(),
    ready: (page) => page.getByRole('grid', { name: 'Ended runs' }).getByText('succeeded').first(),
  },
  {
    name: 'jobs-as-admin',
    address: paths.jobs(),
    persona: 'admin',
    ready: (page) => page.getByRole('button', { name: /^Run now/ }).first(),
  },
  {
    name: 'jobs-run',
    // The newest load: those of the demo lake leave the first page when tests have loaded enough.
    address: `${paths.jobs()}?state=succeeded&kind=ingest`,
    open: async (page) => {
      await page
        .getByRole('grid', { name: 'Ended runs' })
        .getByRole('link', { name: /^Load / })
        .first()
        .click()
    },
    ready: (page) => page.getByRole('log').getByText('Succeeded.'),
  },
  {
    name: 'jobs-unknown',
    address: paths.run('01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    expectedError: /status of 404/,
    ready: (page) => page.getByText('Not found'),
  },
  {
    name: 'jobs-filtered-to-nothing',
    address: `${paths.jobs()}?state=cancelled&kind=tidy-runs`,
    ready: (page) => page.getByRole('button', { name: 'Clear filters' }),
  },
]

async function runQuery(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click()
}
