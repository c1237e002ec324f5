import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { labTable, paths } from './support/addresses'
import { createTable } from './support/cli'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'
import { home } from './support/personas'

test.use({ persona: 'editor' })

const FIELDS = [{ id: 1, name: 'id', type: 'long', required: true }] as const

/** A folder of the location `drop`. */
const INBOX = path.join(path.dirname(home()), 'drop', 'repeated')

/** A file that another program delivers. */
async function deliver(name: string, text: string): Promise<void> {
  await mkdir(INBOX, { recursive: true })
  await writeFile(path.join(INBOX, name), text)
}

test('An editor saves a load of a folder, whose runs load each file once, and pauses and removes it', async ({
  page,
}) => {
  const table = labTable('repeated')
  await createTable('lab.repeated', FIELDS, 'id\n1\n')
  // An earlier run of the flows may have left files.
  await rm(INBOX, { recursive: true, force: true })
  await deliver('a.csv', 'id\n2\n3\n')
  await page.goto(paths.load(table))
  await page.getByRole('button', { name: 'From a location' }).click()
  await page.getByLabel('Files that match').fill('repeated/*.csv')
  await page.getByLabel(/^All that match/).check()
  const review = page.getByRole('complementary', { name: 'Review' })
  await review.getByRole('button', { name: 'Save this load…' }).click()
  const form = page.getByRole('form', { name: 'Save this load' })
  await expect(form.getByRole('listitem')).toHaveCount(3)
  await form.getByLabel('Name').fill('Repeated drops')
  await form.getByRole('button', { name: 'Save load' }).click()

  await expect(page).toHaveURL(/\/ingest\/runs\//)
  const run = page.getByRole('main')
  await expect(run).toContainText('A run of the saved load Repeated drops')
  await expect(run).toContainText('1 new file')
  expect((await fetchTableDetail(page.request, table)).figures.rowCount).toBe(3)

  await page.goto(paths.load(table))
  const saved = page.getByRole('table', { name: 'Saved loads' })
  await expect(saved).toContainText('drop/repeated/*.csv')
  await saved.getByRole('button', { name: 'Run now: Repeated drops' }).click()
  await expect(saved).toContainText('no new files')
  await deliver('b.csv', 'id\n4\n')
  await saved.getByRole('button', { name: 'Run now: Repeated drops' }).click()
  await expect(saved).toContainText('1 row')
  await saved.getByRole('switch', { name: 'On: Repeated drops' }).click({ force: true })
  await expect(saved).toContainText('switched off')
  await saved.getByRole('button', { name: 'Remove: Repeated drops' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(saved).toBeHidden()
})
