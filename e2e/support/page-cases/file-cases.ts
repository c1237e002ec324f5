import type { Page } from '@playwright/test'
import { EARTHQUAKES, FLIGHTS, paths } from '../addresses'
import type { PageCase } from '../page-case'

/** The files of a table. */
export const FILE_CASES: readonly PageCase[] = [
  {
    name: 'table-files',
    address: paths.table(FLIGHTS, 'files'),
    ready: (page) => page.getByRole('grid', { name: 'Files' }).locator('code[title]').first(),
  },
  {
    name: 'table-partitions',
    address: `${paths.table(FLIGHTS, 'files')}?level=partitions`,
    ready: (page) => page.getByRole('table', { name: 'Partitions' }).getByText('date_month=2001-01').first(),
  },
  {
    name: 'table-file-sizes',
    address: `${paths.table(FLIGHTS, 'files')}?level=sizes`,
    ready: (page) => page.getByRole('img', { name: /^Data files by size/ }),
  },
  {
    name: 'table-metadata-files',
    address: `${paths.table(FLIGHTS, 'files')}?level=metadata`,
    ready: (page) => page.getByRole('table', { name: 'Differences' }).getByText('changed').first(),
  },
  {
    name: 'table-manifests',
    address: `${paths.table(FLIGHTS, 'files')}?level=manifests`,
    ready: (page) => page.getByRole('grid', { name: 'Manifests' }).getByText('.avro').first(),
  },
  {
    name: 'table-manifest',
    address: `${paths.table(FLIGHTS, 'files')}?level=manifests`,
    open: async (page) => {
      await page.getByRole('grid', { name: 'Manifests' }).getByRole('link').first().click()
    },
    ready: (page) => page.getByRole('grid', { name: 'Files' }).locator('code[title]').first(),
  },
  {
    name: 'table-file',
    address: paths.table(FLIGHTS, 'files'),
    open: openFirstFile,
    ready: (page) => page.getByRole('region', { name: 'Bytes in file order' }),
  },
  {
    name: 'table-file-chunk',
    address: paths.table(FLIGHTS, 'files'),
    open: async (page) => {
      await openFirstFile(page)
      await page.getByRole('grid', { name: 'Column chunks' }).press('ArrowDown')
      await page.getByRole('grid', { name: 'Column chunks' }).press('Enter')
    },
    ready: (page) => page.getByRole('table', { name: 'Pages' }).getByText('PLAIN').first(),
  },
  {
    name: 'table-file-columns',
    address: paths.table(FLIGHTS, 'files'),
    open: (page) => openFileView(page, 'Columns'),
    ready: (page) => page.getByRole('grid', { name: 'Columns of the file' }),
  },
  {
    name: 'table-file-schema',
    address: paths.table(EARTHQUAKES, 'files'),
    open: (page) => openFileView(page, 'Schema and ids'),
    ready: (page) => page.getByRole('table', { name: 'Schema in the file' }),
  },
  {
    name: 'table-file-keys',
    address: paths.table(FLIGHTS, 'files'),
    open: (page) => openFileView(page, 'Key-values'),
    ready: (page) => page.getByRole('region', { name: 'Key-value metadata' }),
  },
  {
    name: 'table-file-entry',
    address: paths.table(FLIGHTS, 'files'),
    open: (page) => openFileView(page, 'Manifest entry'),
    ready: (page) => page.getByRole('table', { name: 'Column metrics' }),
  },
  {
    name: 'table-file-unknown',
    address: `${paths.table(FLIGHTS, 'files')}?file=file%3A%2F%2F%2Fno%2Fsuch%2Ffile.parquet`,
    expectedError: /status of 404/,
    ready: (page) => page.getByText('No manifest of the snapshot lists this file.'),
  },
]

async function openFirstFile(page: Page): Promise<void> {
  await page.getByRole('grid', { name: 'Files' }).getByRole('link').first().click()
  await page.getByRole('grid', { name: 'Column chunks' }).waitFor()
}

async function openFileView(page: Page, view: string): Promise<void> {
  await openFirstFile(page)
  await page.getByText(view, { exact: true }).first().click()
}
