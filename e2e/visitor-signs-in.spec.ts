import type { Request } from '@playwright/test'
import { FLIGHTS, paths } from './support/addresses'
import { expect, fillSignInForm, problemNote, signIn, test } from './support/fixtures'
import { addUser } from './support/cli'
import { address, PASSWORD } from './support/personas'

test.use({ persona: 'visitor' })

test('A visitor signs in and then gets to the requested page', { tag: '@journey' }, async ({ page }) => {
  const targetUrl = paths.table(FLIGHTS, 'schema', { ref: 'q1-2001' })
  await page.goto(targetUrl)
  await expect(page).toHaveURL(/\/login\?next=/)
  await expect(page.getByText('Forgot your password?')).toContainText('npm run lakeshore -- user passwd <name>')
  await fillSignInForm(page, 'viewer', PASSWORD)
  await expect(page).toHaveURL(targetUrl)
  await expect(page.getByRole('heading', { name: 'demo.flights' })).toBeVisible()
})

test('A visitor of an address without a page is sent to sign in, where a wrong password does not reveal whether the user exists and no address leads to another site', async ({
  page,
  pageErrors,
}) => {
  pageErrors.expectError(/status of 401/)
  const messages: string[] = []
  for (const [username, opened] of [
    // An address without a page.
    ['admin', '/no/such/page'],
    ['nobody-of-this-name', `/login?${new URLSearchParams({ next: 'https://elsewhere.invalid/steal' })}`],
  ] as const) {
    await page.goto(opened)
    await expect(page).toHaveURL(/\/login\?next=/)
    await fillSignInForm(page, username, 'not the password')
    // The whole note, which replaces the bare message.
    await expect(problemNote(page)).toContainText(/do not match.*Enter both again/s)
    messages.push((await problemNote(page).innerText()).replace(/request\s+\S+/, ''))
    await expect(page).toHaveURL(/\/login/)
  }
  expect(messages[1]).toBe(messages[0])
  await fillSignInForm(page, 'viewer', PASSWORD)
  await expect(page).toHaveURL(paths.home())
})

test('Signing out ends a copied session at once, and removes the bytes of tables and results from the browser', async ({
  page,
  browser,
  pageErrors,
}) => {
  await addUser('iris', 'viewer', 'a password for iris')
  await signIn(page, 'iris', 'a password for iris')
  const copy = await browser.newContext({ baseURL: address(), storageState: await page.context().storageState() })
  const readStatus = async () => (await copy.request.get('/api/v1/catalogs')).status()
  expect(await readStatus()).toBe(200)

  const reads: { url: string; range: string }[] = []
  const note = (request: Request) => {
    const { range } = request.headers()
    if (range !== undefined) reads.push({ url: request.url(), range })
  }
  page.on('requestfinished', note)
  await page.goto(paths.table(FLIGHTS, 'data'))
  await expect(page.getByRole('grid', { name: 'Rows' }).getByRole('row')).not.toHaveCount(0)
  await expect.poll(() => reads.length).toBeGreaterThan(0)
  const cookies = await page.context().cookies()
  /** Reads the bytes again, and how many bytes that took of the network. */
  const readAgain = () =>
    page.evaluate(async (known) => {
      const answers: { status: number; transferBytes: number | undefined }[] = []
      for (const { url, range } of known) {
        performance.clearResourceTimings()
        const response = await fetch(url, { headers: { range } })
        await response.arrayBuffer()
        const [timing] = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
        answers.push({ status: response.status, transferBytes: timing?.transferSize })
      }
      return answers
    }, reads)
  // Chromium may still write the answer to its cache when the page already has it.
  await expect.poll(readAgain).toContainEqual({ status: 206, transferBytes: 0 })
  page.off('requestfinished', note)

  await page.goto(paths.query('select * from demo.airports limit 3'))
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const countStored = () =>
    page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('lakeshore.query-results', 1)
          opening.addEventListener('error', () => reject(new Error('the database did not open')))
          opening.addEventListener('success', () => {
            const database = opening.result
            const counting = database.transaction('runs').objectStore('runs').count()
            counting.addEventListener('success', () => {
              database.close()
              resolve(counting.result)
            })
          })
        }),
    )
  await expect(page.getByRole('grid', { name: 'Results' })).toBeVisible({ timeout: 120_000 })
  // The page has created the database by then, with its stores.
  await expect.poll(() => page.evaluate(() => localStorage.getItem('lakeshore.query-results') !== null)).toBe(true)
  expect(await countStored()).toBe(1)

  pageErrors.expectError(/status of 401/)
  await page.getByRole('button', { name: 'Account of iris' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/login/)
  expect(await readStatus()).toBe(401)
  await copy.close()
  expect(await countStored()).toBe(0)
  // A cache that still has the bytes gives them to a request with the same cookies only.
  await page.context().addCookies(cookies)
  expect(new Set((await readAgain()).map(({ status }) => status))).toEqual(new Set([401]))
})

test('A user with a generated password can do nothing before they have changed it', async ({
  page,
  openPageAs,
  pageErrors,
}) => {
  pageErrors.expectError(/status of 40[03]/)
  const admin = await openPageAs('admin')
  const added = await admin.request.post('/api/v1/users', { data: { username: 'gen', role: 'viewer' } })
  const { password } = (await added.json()) as { password: string }
  const targetUrl = paths.table(FLIGHTS)
  await page.goto(targetUrl)
  await fillSignInForm(page, 'gen', password)
  await expect(page.getByRole('heading', { name: 'Change your password' })).toBeVisible()
  expect((await page.request.get('/api/v1/catalogs')).status()).toBe(403)
  await page.goto(paths.tokens())
  await expect(page.getByRole('heading', { name: 'Change your password' })).toBeVisible()

  const change = async (chosen: string) => {
    await expect(page.getByRole('button', { name: 'Change password' })).toBeEnabled()
    await page.getByLabel('Generated password', { exact: true }).fill(password)
    await page.getByLabel('New password', { exact: true }).fill(chosen)
    await page.getByRole('button', { name: 'Change password' }).click()
  }
  await change(password)
  await expect(problemNote(page)).toContainText('The new password is the same as the current one.')
  await change('a password of my own')
  await expect(page).toHaveURL(paths.tokens())
  expect((await page.request.get('/api/v1/catalogs')).status()).toBe(200)
})

test('Changing the password ends the user’s other sessions', async ({ page, openPageAs, pageErrors }) => {
  await addUser('pat', 'viewer', 'the first password')
  const elsewhere = await openPageAs('visitor')
  await signIn(elsewhere, 'pat', 'the first password')
  await signIn(page, 'pat', 'the first password')
  await page.goto(paths.account())
  await page.getByLabel('Current password').fill('the first password')
  await page.getByLabel('New password').fill('the second password')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Password changed.' })).toContainText('1 other session')
  await elsewhere.goto(paths.home())
  await expect(elsewhere).toHaveURL(/\/login/)

  pageErrors.expectError(/status of 401/)
  await fillSignInForm(elsewhere, 'pat', 'the first password')
  await expect(problemNote(elsewhere)).toContainText('do not match')
  await fillSignInForm(elsewhere, 'pat', 'the second password')
  await expect(elsewhere).toHaveURL(paths.home())
})
