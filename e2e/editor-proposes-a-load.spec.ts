import { paths } from './support/addresses'
import { createTable } from './support/cli'
import { expect, test } from './support/fixtures'
import { fetchTableDetail } from './support/lake'

test.use({ persona: 'editor' })

const FIELDS = [
  { id: 1, name: 'trip_id', type: 'long', required: true },
  { id: 2, name: 'city', type: 'string', required: false },
] as const

test('Where changes need two people, an editor proposes a load, and another user commits it', async ({
  page,
  openPageAs,
}) => {
  const table = { catalog: 'local', namespace: ['four_eyes'], table: 'trips' }
  await createTable('four_eyes.trips', FIELDS, 'trip_id,city\n1,Oslo\n')
  const admin = await openPageAs('admin')
  const policy = await admin.request.put(`/api/v1${paths.namespace('local', ['four_eyes'])}/change-policy`, {
    data: { requiresProposal: true },
  })
  expect(policy.status()).toBe(200)

  await page.goto(paths.load(table))
  await page.getByLabel('Files of your disk').setInputFiles({
    name: 'may.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('trip_id,town\n9007199254740993,Bergen\n'),
  })
  const review = page.getByRole('complementary', { name: 'Review' })
  const propose = review.getByRole('button', { name: 'Propose…' })
  await expect(review).toContainText('Changes of tables in four_eyes need two people')
  await expect(review).toContainText('One field has no column.')
  await expect(propose).toBeDisabled()
  await page.getByRole('combobox', { name: 'Column for town' }).click()
  await page.getByRole('option', { name: 'city', exact: true }).click()
  await expect(review).toContainText('Ready to propose. 1 row fits.')
  await propose.click()
  const form = review.getByRole('form', { name: 'Proposal' })
  await expect(form.getByRole('textbox', { name: 'Title' })).toHaveValue('Load may.csv')
  await form.getByRole('textbox', { name: /Note/ }).fill('As agreed on Monday.')
  await form.getByRole('button', { name: 'Propose', exact: true }).click()
  const proposal = review.getByRole('link', { name: 'Load may.csv' })
  await expect(proposal).toBeVisible()
  await expect(page.getByRole('list', { name: 'Files' }).getByRole('listitem')).toHaveCount(0)

  await admin.goto((await proposal.getAttribute('href')) ?? '')
  await expect(admin.getByText('city: the field town')).toBeVisible()
  await expect(admin.getByRole('region', { name: 'First rows' })).toContainText('9007199254740993')
  await admin.getByRole('button', { name: 'Start the load' }).click()
  await admin.getByRole('link', { name: 'page of the load' }).click()
  await expect
    .poll(async () => (await fetchTableDetail(page.request, table)).figures.rowCount, { timeout: 60_000 })
    .toBe(2)
})
