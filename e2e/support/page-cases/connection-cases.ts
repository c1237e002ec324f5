import { expect, type Page } from '@playwright/test'
import { paths } from '../addresses'
import { CONNECTIONS, SEARCH_INDEXES } from '../connections'
import type { PageCase } from '../page-case'
import { listConnections } from '@/lib/contract/connections'
import { listSearchIndexes } from '@/lib/contract/search'
import { stubEndpoint } from '../stub-endpoint'

/** Connections. */
export const CONNECTION_CASES: readonly PageCase[] = [
  {
    name: 'connections-none',
    address: paths.account(),
    persona: 'admin',
    // The response is mocked, because another test may be adding connections.
    open: (page) => openConnections(page, []),
    ready: (page) => page.getByText('No connections yet.'),
  },
  {
    name: 'connections',
    address: paths.account(),
    persona: 'admin',
    open: (page) => openConnections(page, CONNECTIONS),
    ready: (page) => page.getByRole('grid', { name: 'Connections' }).getByText('Address failed'),
  },
  {
    name: 'connection-new',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Amazon S3 Tables/ }).click()
    },
    ready: (page) => page.getByLabel('Catalog name', { exact: true }),
  },
  {
    name: 'connection-test',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Iceberg REST/ }).click()
      await page.getByLabel('Catalog name', { exact: true }).fill('nowhere')
      await page.getByLabel('URL', { exact: true }).fill('http://127.0.0.1:9')
      // On a busy machine a step of the test takes too long.
      await expect(async () => {
        await page.getByRole('button', { name: 'Test connection' }).click()
        await expect(page.getByText(/Nothing listens there/)).toBeVisible({ timeout: 20_000 })
      }).toPass()
    },
    ready: (page) => page.getByText(/Nothing listens there/),
  },
  {
    name: 'connection-azure',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Metadata files/ }).click()
      await page.getByRole('combobox', { name: 'Kind', exact: true }).click()
      await page.getByRole('option', { name: 'Azure Data Lake or Blob Storage' }).click()
      await page.getByRole('combobox', { name: 'Credentials', exact: true }).click()
      await page.getByRole('option', { name: 'Microsoft Entra application' }).click()
    },
    ready: (page) => page.getByLabel('Tenant id', { exact: true }),
  },
  {
    name: 'connection-google',
    address: paths.newConnection(),
    persona: 'admin',
    open: async (page) => {
      await page.getByRole('button', { name: /^Metadata files/ }).click()
      await page.getByRole('combobox', { name: 'Kind', exact: true }).click()
      await page.getByRole('option', { name: 'Google Cloud Storage' }).click()
    },
    ready: (page) => page.getByLabel('Service account key', { exact: true }),
  },
  {
    name: 'connection-unknown',
    address: paths.connection('no-such-connection'),
    persona: 'admin',
    expectedError: /status of 404/,
    ready: (page) => page.getByText('There is no such connection.'),
  },
]

/** By a link: a page load comes with its data and requests none. */
async function openConnections(page: Page, connections: readonly object[]): Promise<void> {
  await stubEndpoint(page, listConnections, {}, { connections, localRoots: [] })
  const indexes = connections.length === 0 ? SEARCH_INDEXES.slice(0, 1) : SEARCH_INDEXES
  await stubEndpoint(page, listSearchIndexes, {}, { indexes })
  await page.getByRole('link', { name: 'Connections', exact: true }).click()
}
