import type { Page } from '@playwright/test'
import { paths } from '../addresses'
import type { PageCase } from '../page-case'

/** Signing in, the shell, and the pages of the user’s account. */
export const SESSION_CASES: readonly PageCase[] = [
  {
    name: 'login',
    address: paths.login(),
    persona: 'visitor',
    ready: (page) => page.getByRole('button', { name: 'Sign in' }),
  },
  {
    name: 'login-refused',
    address: paths.login(),
    persona: 'visitor',
    expectedError: /status of 401/,
    open: async (page) => {
      await page.getByLabel('Username').fill(`nobody-${page.viewportSize()?.width}`)
      await page.getByLabel('Password', { exact: true }).fill('not the password')
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    ready: (page) => page.getByText('do not match'),
  },
  {
    name: 'login-provider-refused',
    address: paths.loginProblem('name-taken', '01JCZ7Q4M2', null),
    persona: 'visitor',
    ready: (page) => page.getByText('Another user here has your username.'),
  },
  { name: 'home', address: paths.home(), ready: (page) => page.getByRole('application').first() },
  {
    name: 'palette',
    address: paths.catalogs(),
    open: async (page) => {
      await expectShell(page)
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('textbox').fill('flights')
    },
    ready: (page) => page.getByRole('button', { name: /demo\.flights/ }).first(),
  },
  {
    name: 'keys',
    address: paths.catalogs(),
    open: async (page) => {
      await expectShell(page)
      await page.keyboard.press('Shift+?')
    },
    ready: (page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' }),
  },
  {
    name: 'account',
    address: paths.account(),
    ready: (page) => page.getByText(/^Editor \(/),
  },
  {
    name: 'tokens',
    address: paths.tokens(),
    ready: (page) => page.getByText(/RestCatalog/),
  },
  {
    name: 'token-form',
    address: paths.tokens(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Create token' }).getByText(/Expires on/),
  },
  {
    name: 'token-form-limited',
    address: paths.tokens(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click()
      await page.getByRole('dialog', { name: 'Create token' }).getByText('Namespace', { exact: true }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Create token' }).getByLabel('Namespace', { exact: true }).last(),
  },
  {
    name: 'token-created',
    address: paths.tokens(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill('nightly load of the flights, with Spark')
      await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
    },
    ready: (page) => page.getByRole('dialog').getByRole('region', { name: 'Token', exact: true }),
  },
  {
    name: 'token-revoked',
    address: paths.tokens(),
    open: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill('duckdb')
      await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
      await page.getByRole('button', { name: 'I’ve copied it' }).click()
      await page.getByRole('button', { name: 'Revoke duckdb' }).first().click()
    },
    ready: (page) => page.getByRole('textbox', { name: 'Type duckdb to confirm' }),
  },
  {
    name: 'api-reference',
    address: `${paths.apiReference()}?find=snapshots`,
    open: async (page) => {
      await page.getByText('Lists the snapshots of a table', { exact: false }).click()
    },
    ready: (page) => page.getByRole('region', { name: 'Example of listSnapshots' }),
  },
  {
    name: 'time-zone',
    address: paths.account(),
    open: async (page) => {
      await page.getByRole('button', { name: /account of/ }).click()
      await page.getByRole('menuitem', { name: /^Time zone/ }).click()
    },
    ready: (page) => page.getByRole('dialog', { name: 'Time zone' }).getByText(/^It is now/),
  },
  {
    name: 'no-such-page',
    address: '/no/such/page',
    expectedError: /status of 404/,
    ready: (page) => page.getByText('There is no page at this address.'),
  },
]

async function expectShell(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Browse by' }).waitFor()
}
