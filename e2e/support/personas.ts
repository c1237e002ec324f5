import path from 'node:path'
import { request } from '@playwright/test'

/** The users of the tests, named for their roles. A visitor is not signed in. */
export type Persona = 'visitor' | 'viewer' | 'editor' | 'admin'

export const PASSWORD = 'a long enough password'

/** The URL of the console under test. */
export function address(): string {
  return requireEnv('E2E_ADDRESS')
}

/** The home of the console under test. */
export function home(): string {
  return requireEnv('E2E_HOME')
}

function requireEnv(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`global-setup did not set ${name}`)
  return value
}

/** The stored session of a persona; empty for a visitor. */
export function storageStateOf(persona: Persona): string | { cookies: []; origins: [] } {
  return persona === 'visitor' ? { cookies: [], origins: [] } : stateFile(persona)
}

/** Signs in a persona once for all tests, over the routes that the form uses. */
export async function saveSignedInState(persona: Exclude<Persona, 'visitor'>): Promise<void> {
  const browser = await request.newContext({ baseURL: address(), timeout: 0 })
  const { csrfToken } = (await (await browser.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const response = await browser.post('/api/auth/callback/credentials', {
    form: { username: persona, password: PASSWORD, csrfToken, json: 'true' },
  })
  if (!response.ok()) throw new Error(`${persona} could not sign in: ${response.status()} ${await response.text()}`)
  await browser.storageState({ path: stateFile(persona) })
  await browser.dispose()
}

function stateFile(persona: Persona): string {
  return path.join(home(), '..', `${persona}.json`)
}
