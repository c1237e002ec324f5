import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, chromium, expect as playwrightExpect, type Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paths } from '@/lib/paths/paths'
import { ensureChromium } from '@/scripts/chromium'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { startS3Server } from '@/testing/stores/s3-server'
import { REST_FIXTURE } from '@/testing/peers/jars'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import { type RestFixture, startRestFixture } from '@/testing/peers/rest-fixture'
import { CREATE_TRIPS, pyicebergS3Properties } from '../trips'

/** An admin connects to Iceberg's own REST server, whose tables are in an S3 store, and browses it. */

const SHOWN_WITHIN_MS = 120_000
const expectShown = playwrightExpect.configure({ timeout: SHOWN_WITHIN_MS })

const jar = await installOrSkip('Iceberg’s REST fixture', () => fetchJars([REST_FIXTURE]))
const executable = await installOrSkip('Chromium', async () => ensureChromium() ?? chromium.executablePath())
const python = installPyiceberg()
const s3 = jar === null || executable === null || python === null ? null : await startS3Server()

describe.skipIf(s3 === null)('In the browser (skipped when the servers are unavailable)', () => {
  let folder: string
  let fixture: RestFixture
  let lakeshore: Lakeshore
  let browser: Browser
  const store = s3!

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'connect-'))
    fixture = await startRestFixture(folder, { s3: store })
    const settings = { uri: fixture.uri, ...pyicebergS3Properties(store) }
    const session = openPyiceberg(settings)
    await session.request({ code: CREATE_TRIPS })
    await session.stop()
    lakeshore = await startLakeshore(folder)
    browser = await chromium.launch({
      executablePath: String(executable),
      args: ['--no-sandbox', '--disable-gpu'],
      timeout: 300_000,
    })
  })
  afterAll(async () => {
    await browser?.close()
    await lakeshore?.stop()
    await fixture?.stop()
    await store.stop()
    rmSync(folder, { recursive: true })
  })

  test('an admin adds the server as a connection, finds its table and reads the rows', async () => {
    const page = await openSignedInPage()
    await page.goto(paths.connections())
    await page.getByRole('link', { name: 'Add connection' }).first().click()
    await page.getByRole('button', { name: /^Iceberg REST/ }).click()
    await page.getByLabel('Catalog name', { exact: true }).fill('fixture')
    await page.getByLabel('URL', { exact: true }).fill(fixture.uri)
    await chooseOption(page, 'File access', 'Storage settings below')
    await chooseOption(page, 'Storage of the connection', 'S3 or compatible')
    await page.getByLabel('Allowed locations', { exact: true }).fill(`s3://${store.bucket}`)
    await page.getByLabel('Endpoint', { exact: true }).fill(store.endpoint)
    await page.getByLabel('Access key id', { exact: true }).fill(store.accessKeyId)
    await page.getByLabel('Secret access key of the storage', { exact: true }).fill(store.secretAccessKey)
    const steps = page.getByRole('list', { name: 'Test' })
    // On a busy machine a step may take longer than the product allows.
    await playwrightExpect(async () => {
      await page.getByRole('button', { name: 'Test connection' }).click()
      await playwrightExpect(steps).toContainText('The metadata file of shop.trips can be read', { timeout: 60_000 })
    }).toPass({ timeout: 300_000 })
    await takeScreenshot(page, 'connection-form')
    await page.getByRole('button', { name: 'Add connection' }).click()
    const row = page.getByRole('grid', { name: 'Connections' }).getByRole('row').filter({ hasText: 'fixture' })
    await expectShown(row).toContainText('works')
    await takeScreenshot(page, 'connections')

    await page.getByRole('link', { name: 'Explore' }).click()
    const tree = page.getByRole('tree')
    await tree
      .getByRole('treeitem', { name: /^fixture/ })
      .getByText('fixture')
      .click()
    await page.getByRole('grid').getByRole('link', { name: 'shop' }).click()
    await page.getByRole('grid').getByRole('link', { name: 'trips' }).click()
    await page.getByRole('tab', { name: 'Data' }).click()
    const rows = page.getByRole('grid', { name: 'Rows' })
    for (const shown of ['town', 'ABQ', 'JFK', 'ÅBC', '3051729675574597004']) {
      await expectShown(rows.getByText(shown, { exact: true })).toBeVisible()
    }
    await takeScreenshot(page, 'preview')
    expect(await page.content()).not.toContain(store.secretAccessKey)
    await page.getByRole('tab', { name: 'Snapshots' }).click()
    await expectShown(
      page.getByRole('grid', { name: 'Snapshots' }).getByText('append', { exact: true }).first(),
    ).toBeVisible()
  })

  async function openSignedInPage(): Promise<Page> {
    const context = await browser.newContext({ baseURL: lakeshore.url, viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(SHOWN_WITHIN_MS)
    await page.goto(paths.login())
    await page.getByLabel('Username').fill('admin')
    await page.getByLabel('Password', { exact: true }).fill(lakeshore.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expectShown(page).not.toHaveURL(/\/login/)
    return page
  }
})

async function chooseOption(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.getByRole('option', { name: option }).click()
}

/** A picture for people, next to the logs of the servers. */
async function takeScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.resolve(`.cache/interop/${name}.png`) })
}
