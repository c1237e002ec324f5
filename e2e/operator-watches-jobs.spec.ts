import { paths } from './support/addresses'
import { expect, navigateByKeys, test as base } from './support/fixtures'
import { PausableLoad } from './support/pausable-load'
import { fetchJson } from './support/lake'
import { createEmptyTable } from './support/empty-table'

/** Resumes paused loads when a test ends. */
const test = base.extend<{ startLoad: (name: string) => Promise<PausableLoad> }>({
  startLoad: async ({}, use) => {
    const loads: PausableLoad[] = []
    await use(async (name) => {
      const load = await PausableLoad.start(name)
      loads.push(load)
      return load
    })
    for (const load of loads) load.resume()
  },
})

// One after the other: a paused load is running until its test resumes it, and a test waits until nothing is.
test.describe.configure({ mode: 'default' })
test.use({ persona: 'editor' })

type RunSummary = { title: string; progress: { counters: { rowsRead?: number } } | null }

test('A load from the command line appears at once, shows its progress, and moves to the ended runs', async ({
  page,
  startLoad,
}) => {
  await page.goto(paths.jobs())
  await expect(page.getByText('live', { exact: true })).toBeVisible()
  const load = await startLoad('watched')
  const { title } = load
  const running = page.getByRole('list', { name: 'Running now' }).getByRole('listitem').filter({ hasText: title })
  await load.pause(async () => {
    const { runs } = await fetchJson<{ runs: RunSummary[] }>(page.request, '/api/v1/jobs/runs?state=open')
    return (runs.find((run) => run.title === title)?.progress?.counters.rowsRead ?? 0) > 0
  })
  await expect(running).toContainText('lab.watched')
  await expect(running.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]\d?$/)
  await expect(running).toContainText('rows/s')
  await expect(page.getByRole('banner').getByRole('link', { name: /^\d running$/ })).toHaveAttribute(
    'href',
    paths.jobs(),
  )
  await running.getByRole('link', { name: title }).click()
  const panel = page.getByRole('complementary', { name: title })
  await expect(panel.getByRole('log')).toContainText('Started (attempt 1).')
  load.resume()
  expect((await load.ended).code).toBe(0)
  await expect(panel.getByRole('log')).toContainText('Succeeded.')
  await expect(panel.getByRole('log')).toContainText('1 row rejected')
  await expect(panel).toContainText('2,000,000')
  await expect(running).toBeHidden()
  await expect(
    page.getByRole('grid', { name: 'Ended runs' }).getByRole('row').filter({ hasText: title }),
  ).toContainText('with warnings')
  await page.reload()
  await expect(panel, 'the run is in the URL').toContainText('2,000,000')
  await expect(panel.getByRole('link', { name: 'Open the load' })).toHaveAttribute('href', /\/ingest\/runs\//)
  await panel.getByRole('link', { name: 'lab.watched' }).click()
  await expect(page.getByRole('grid', { name: 'Snapshots' })).toContainText('append')
})

test('A running load is cancelled after a confirmation, and leaves nothing behind', async ({
  page,
  openPageAs,
  startLoad,
}) => {
  await createEmptyTable('wanted')
  const load = await startLoad('unwanted')
  const { title } = load
  await load.pause()
  await page.goto(paths.jobs())
  await page.getByRole('link', { name: title }).first().click()
  const panel = page.getByRole('complementary', { name: title })
  await expect(panel.getByRole('log')).toContainText('Started')

  const viewer = await openPageAs('viewer')
  await viewer.goto(page.url())
  const viewerPanel = viewer.getByRole('complementary', { name: title })
  await expect(viewerPanel.getByRole('log')).toContainText('Started')
  await expect(viewerPanel.getByRole('button', { name: /Cancel/ })).toBeHidden()

  await panel.getByRole('button', { name: /^Cancel run…/ }).click()
  await panel.getByRole('button', { name: 'Cancel run' }).click()
  await expect(panel.getByRole('log')).toContainText('editor cancelled it.')
  await expect(panel).toContainText('cancelled')
  await expect(panel.getByRole('button', { name: 'Try again' })).toBeVisible()
  const { code, stderr } = await load.ended
  expect(code).not.toBe(0)
  expect(stderr).toContain('cancelled')
  await expect(viewerPanel.getByRole('log'), 'the viewer sees it too').toContainText('Cancelled.')
  const { tables } = await fetchJson<{ tables: string[] }>(page.request, '/api/v1/catalogs/local/namespaces/lab/tables')
  expect(tables).toContain('wanted')
  expect(tables).not.toContain('unwanted')
})

test('Nothing on Jobs moves when its lists arrive, and on a phone every column is inside its panel', async ({
  page,
}) => {
  test.slow()
  await page.addInitScript(() => {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value } = entry as PerformanceEntry & { value: number }
        const total = Number(sessionStorage.getItem('layout shift')) + value
        sessionStorage.setItem('layout shift', String(total))
      }
    })
    observer.observe({ type: 'layout-shift', buffered: true })
  })
  // Slow enough for the placeholders to be seen.
  await page.route(/\/api\/v1\/jobs\/(runs|schedules)/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 600))
    await route.continue()
  })
  // A run that another test starts or ends meanwhile moves the lists, rightly: then the page is opened again.
  await expect(async () => {
    await page.goto(paths.jobs())
    await expect(page.getByRole('grid', { name: 'Ended runs' })).toBeVisible()
    await expect(page.getByRole('table', { name: 'Scheduled' })).toBeVisible()
    await expect(page.getByText('Nothing is running.')).toBeVisible()
    const shift = await page.evaluate(() => {
      const total = Number(sessionStorage.getItem('layout shift'))
      sessionStorage.removeItem('layout shift')
      return total
    })
    expect(shift).toBeLessThan(0.01)
  }).toPass()

  await page.setViewportSize({ width: 390, height: 844 })
  const ended = page.getByRole('grid', { name: 'Ended runs' })
  const lastHeader = ended.getByRole('columnheader', { name: 'Ended' })
  await expect(async () => {
    const panelBox = (await page.getByRole('region', { name: 'Ended' }).boundingBox())!
    const headerBox = (await lastHeader.boundingBox())!
    expect(headerBox.x + headerBox.width).toBeLessThanOrEqual(panelBox.x + panelBox.width)
  }).toPass()
})

test('A schedule shows its next runs, and only an admin can run or edit it', async ({ page, openPageAs }) => {
  await page.goto(paths.home())
  await navigateByKeys(page, 'j', paths.jobs())
  const tidySchedule = page.getByRole('table', { name: 'Scheduled' }).getByRole('row').filter({ hasText: 'Clean up' })
  await expect(tidySchedule.getByRole('time').or(tidySchedule.locator('time')).first()).toBeVisible()
  await expect(tidySchedule.getByRole('listitem')).toHaveCount(3)
  await expect(tidySchedule.getByRole('button', { name: /Run now/ })).toBeHidden()

  const admin = await openPageAs('admin')
  await admin.goto(paths.jobs())
  await admin.getByRole('button', { name: /Run now: Clean up/ }).click()
  const doneRow = (watcher: typeof page) =>
    watcher.getByRole('grid', { name: 'Ended runs' }).getByRole('row').filter({ hasText: 'Clean up' }).first()
  await expect(doneRow(admin)).toContainText('succeeded')
  await expect(doneRow(page), 'other users see it too').toContainText('admin')

  await admin.getByRole('button', { name: /Edit schedule: Clean up/ }).click()
  const form = admin.getByRole('dialog', { name: /Clean up/ })
  const before = await form.getByLabel('Cron expression').inputValue()
  await form.getByLabel('Cron expression').fill('15 5 * * *')
  await form.getByLabel('Time zone').fill('UTC')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toBeHidden()
  await expect(tidySchedule, 'other users see it too').toContainText('15 5 * * *')
  await admin.getByRole('switch', { name: /^On: Clean up/ }).click({ force: true })
  await expect(tidySchedule).toContainText('switched off')
  await admin.getByRole('switch', { name: /^On: Clean up/ }).click({ force: true })
  await expect(tidySchedule.getByRole('listitem')).toHaveCount(3)
  await admin.getByRole('button', { name: /Edit schedule: Clean up/ }).click()
  await form.getByLabel('Cron expression').fill(before)
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toBeHidden()
})
