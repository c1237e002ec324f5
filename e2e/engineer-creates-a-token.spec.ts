import { type APIRequestContext, type Page, request } from '@playwright/test'
import { BIRDSTRIKES, paths } from './support/addresses'
import { expect, problemNote, signIn, test } from './support/fixtures'
import { addUser, runCli, tryCli } from './support/cli'
import { address } from './support/personas'

test.use({ persona: 'visitor' })

async function createToken(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Create token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
  await dialog.getByRole('button', { name: 'Create token' }).click()
  const text = await dialog.getByRole('region', { name: 'Token' }).innerText()
  await dialog.getByRole('button', { name: 'I’ve copied it' }).click()
  await expect(dialog).toBeHidden()
  return text
}

/** The status that an engine gets with a token and without a cookie. */
async function fetchStatusWithToken(token: string | null): Promise<number> {
  const engine: APIRequestContext = await request.newContext({ baseURL: address() })
  const response = await engine.get('/iceberg/v1/config', {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  })
  await engine.dispose()
  return response.status()
}

test('An engineer creates a token and sees its text only once', async ({ page }) => {
  await addUser('ella', 'editor', 'a password for ella')
  await signIn(page, 'ella', 'a password for ella')
  await page.goto(paths.account())
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Tokens' }).click()
  await expect(page).toHaveURL(paths.tokens())
  await expect(page.getByText('You have no tokens yet')).toBeVisible()
  const text = await createToken(page, 'spark')
  expect(text).toMatch(/^lsh_[a-z2-7]{16}_[a-z2-7]{40}$/)

  const row = page.getByRole('row').filter({ hasText: 'spark' })
  await expect(row).toContainText('editor')
  await expect(row).toContainText('active')
  await expect(row).toContainText('never')
  expect(await page.content()).not.toContain(text)
  await page.reload()
  await expect(row).toBeVisible()
  const secret = text.split('_')[2] ?? ''
  expect(await page.content()).not.toContain(secret)
  expect(await (await page.request.get('/api/v1/tokens')).text()).not.toContain(secret)
})

test('A client that loads a table is named at the table, by the newest secret of a token until it is revoked', async ({
  page,
}) => {
  await addUser('rosa', 'editor', 'a password for rosa')
  await signIn(page, 'rosa', 'a password for rosa')
  await page.goto(paths.tokens())
  const first = await createToken(page, 'trino')
  const row = page.getByRole('row').filter({ hasText: 'trino' })
  await expect(row).toContainText('never')
  expect(await fetchStatusWithToken(first)).toBe(200)
  expect(await fetchStatusWithToken(null)).toBe(401)
  expect(await fetchStatusWithToken(first.slice(0, -1) + (first.endsWith('a') ? 'b' : 'a'))).toBe(401)
  expect((await page.request.get('/iceberg/v1/config')).status(), 'a session is not enough').toBe(401)

  // A rotated token accepts its old secret for the overlap only.
  const second = await rotateToken(page, 'trino', '1 hour')
  await expect(row).toContainText('old secret ends')
  expect([await fetchStatusWithToken(first), await fetchStatusWithToken(second)]).toEqual([200, 200])
  const third = await rotateToken(page, 'trino', 'ends at once')
  await expect(row).not.toContainText('old secret')
  expect([await fetchStatusWithToken(second), await fetchStatusWithToken(third)]).toEqual([401, 200])

  const engine = await request.newContext({ baseURL: address() })
  const loaded = await engine.get('/iceberg/v1/local/namespaces/demo/tables/birdstrikes', {
    headers: { authorization: `Bearer ${third}`, 'x-client-version': 'PyIceberg 0.12.0' },
  })
  expect(loaded.status()).toBe(200)
  await engine.dispose()

  await page.getByRole('button', { name: 'Revoke trino' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revoke trino' })
  await expect(dialog.getByRole('button', { name: 'Revoke' })).toBeDisabled()
  await dialog.getByRole('textbox').fill('trino')
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await expect(dialog).toBeHidden()
  await expect(row).toContainText('revoked')
  await expect(row).not.toContainText('never')
  expect(await fetchStatusWithToken(third)).toBe(401)
  await expect(row.getByRole('button')).toHaveCount(0)

  await expect(async () => {
    await page.goto(paths.table(BIRDSTRIKES))
    const usedBy = page.getByRole('region', { name: 'Used by' })
    await expect(usedBy.getByRole('list', { name: 'Clients that use the table' })).toContainText('PyIceberg 0.12.0')
    await expect(usedBy).toContainText('read today')
  }).toPass()
})

async function rotateToken(page: Page, name: string, overlap: string): Promise<string> {
  await page.getByRole('button', { name: `Rotate ${name}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radiogroup', { name: 'Old secret' }).getByText(overlap, { exact: true }).click()
  await dialog.getByRole('button', { name: 'Rotate token' }).click()
  const text = await dialog.getByRole('region', { name: 'Token' }).innerText()
  await dialog.getByRole('button', { name: 'I’ve copied it' }).click()
  await expect(dialog).toBeHidden()
  return text
}

test.describe('a viewer', () => {
  test.use({ persona: 'viewer' })

  test('is only offered viewer tokens, may not create others, and only an admin sees the tokens of others', async ({
    page,
    openPageAs,
  }) => {
    await addUser('otto', 'viewer', 'a password for otto')
    const { stdout } = await runCli(['token', 'create', '--user', 'otto', '--name', 'from the command line'])
    expect(stdout).toMatch(/^lsh_[a-z2-7]{16}_[a-z2-7]{40}\n$/)
    expect((await tryCli(['token', 'create', '--user', 'viewer', '--name', 'more', '--role', 'editor'])).code).toBe(1)

    await page.goto(paths.tokens())
    await page.getByRole('button', { name: 'Create token' }).click()
    const role = page.getByRole('radiogroup', { name: 'Role' })
    await expect(role.getByRole('radio', { name: 'viewer' })).toBeChecked()
    await expect(role.getByRole('radio')).toHaveCount(1)
    for (const refusedRole of ['editor', 'admin']) {
      const response = await page.request.post('/api/v1/tokens', { data: { name: 'more', role: refusedRole, days: 1 } })
      expect(response.status()).toBe(403)
    }
    await expect(problemNote(page)).toHaveCount(0)
    await page.keyboard.press('Escape')
    await expect(page.getByText('You have no tokens yet')).toBeVisible()
    await expect(page.getByText('All users')).toHaveCount(0)
    for (const { request: others } of [page, await openPageAs('editor')])
      expect((await others.get('/api/v1/tokens?user=otto')).status()).toBe(403)

    const admin = await openPageAs('admin')
    await admin.goto(paths.tokens())
    await admin.getByText('All users').click()
    await expect(admin.getByRole('row').filter({ hasText: 'from the command line' })).toContainText('otto')
  })
})
