import { request } from '@playwright/test'

/** Who may be at the browser. Their roles are those of their names. */
export type Person = 'visitor' | 'viewer' | 'editor' | 'admin'

export const PASSWORD = 'a long enough password'

/** Where the console under test is. */
export function address(): string {
  return told('E2E_ADDRESS')
}

/** The folder it keeps everything in. */
export function home(): string {
  return told('E2E_HOME')
}

function told(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`global-setup did not say ${name}`)
  return value
}

/** What the browser of somebody who signed in keeps; nothing of a visitor's. */
export function stateOf(who: Person): string | { cookies: []; origins: [] } {
  return who === 'visitor' ? { cookies: [], origins: [] } : stateFile(who)
}

/** Signs somebody in once for all tests, over the routes the form uses. */
export async function keepSignedIn(who: Exclude<Person, 'visitor'>): Promise<void> {
  const browser = await request.newContext({ baseURL: address() })
  const { csrfToken } = (await (await browser.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const answer = await browser.post('/api/auth/callback/credentials', {
    form: { username: who, password: PASSWORD, csrfToken, json: 'true' },
  })
  if (!answer.ok()) throw new Error(`${who} could not sign in: ${answer.status()} ${await answer.text()}`)
  await browser.storageState({ path: stateFile(who) })
  await browser.dispose()
}

function stateFile(who: Person): string {
  return `.cache/e2e-${who}.json`
}
