import { request } from '@playwright/test'

/** Who may be at the browser. Their roles are those of their names. */
export type Persona = 'visitor' | 'viewer' | 'editor' | 'admin'

export const PASSWORD = 'a long enough password'

/** Where the console under test is. */
export function address(): string {
  return requireEnv('E2E_ADDRESS')
}

/** The folder it keeps everything in. */
export function home(): string {
  return requireEnv('E2E_HOME')
}

function requireEnv(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`global-setup did not say ${name}`)
  return value
}

/** What the browser of somebody who signed in keeps; nothing of a visitor's. */
export function storageStateOf(persona: Persona): string | { cookies: []; origins: [] } {
  return persona === 'visitor' ? { cookies: [], origins: [] } : stateFile(persona)
}

/** Signs somebody in once for all tests, over the routes the form uses. */
export async function saveSignedInState(persona: Exclude<Persona, 'visitor'>): Promise<void> {
  const browser = await request.newContext({ baseURL: address() })
  const { csrfToken } = (await (await browser.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const response = await browser.post('/api/auth/callback/credentials', {
    form: { username: persona, password: PASSWORD, csrfToken, json: 'true' },
  })
  if (!response.ok()) throw new Error(`${persona} could not sign in: ${response.status()} ${await response.text()}`)
  await browser.storageState({ path: stateFile(persona) })
  await browser.dispose()
}

function stateFile(persona: Persona): string {
  return `.cache/e2e-${persona}.json`
}
