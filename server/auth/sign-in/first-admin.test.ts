import { afterEach, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import type { Config } from '@/server/config/config'
import { listAudit } from '@/server/db/audit-list'
import { addUser, findUserByName, setPassword } from '@/server/db/auth/users'
import { createFirstAdmin, refuseGeneratedPasswordOnNetwork } from './first-admin'

const home = createTestHome()
const overrideConfig = (change: Partial<Config>) => Object.assign(home.config, change)
afterEach(async () => {
  overrideConfig({ host: '127.0.0.1', adminPassword: null })
  await home.database.commit([rawChange('DELETE FROM users')])
})

it('uses the password from the settings', async () => {
  overrideConfig({ adminPassword: 'from the settings' })
  expect(await createFirstAdmin(home.services)).toBeNull()
  const admin = await findUserByName(home.database, 'admin')
  expect(await home.services.passwords.matches('from the settings', admin?.passwordHash ?? null)).toBe(true)
  expect(admin?.hasGeneratedPassword).toBe(false)
})

it('leaves an existing password unchanged', async () => {
  await createFirstAdmin(home.services)
  overrideConfig({ adminPassword: 'from the settings' })
  expect(await createFirstAdmin(home.services)).toBeNull()
  const admin = await findUserByName(home.database, 'admin')
  expect(await home.services.passwords.matches('from the settings', admin?.passwordHash ?? null)).toBe(false)
})

it('creates one admin when two processes start at once', async () => {
  const passwords = await Promise.all([createFirstAdmin(home.services), createFirstAdmin(home.services)])
  expect(passwords.filter((password) => password !== null)).toHaveLength(1)
  const [entry] = await listAudit(home.database, { limit: 1 })
  expect(entry).toMatchObject({ action: 'add-user', after: { user: { username: 'admin', role: 'admin' } } })
})

it('creates an admin next to a service account, which cannot sign in', async () => {
  const service = { username: 'nightly', passwordHash: null, hasGeneratedPassword: false, role: 'admin' } as const
  await addUser(home.database, { ...service, isService: true })
  expect(await createFirstAdmin(home.services)).not.toBeNull()
})

it('generates no password for a console on a network', async () => {
  overrideConfig({ host: '0.0.0.0' })
  await expect(createFirstAdmin(home.services)).rejects.toThrow('LAKESHORE_ADMIN_PASSWORD')
  expect(await findUserByName(home.database, 'admin')).toBeNull()
})

it('refuses to listen beyond loopback until a generated password is changed', async () => {
  await createFirstAdmin(home.services)
  for (const host of ['127.0.0.1', '127.0.1.1', '::1', 'localhost']) {
    await expect(refuseGeneratedPasswordOnNetwork(home.services, host)).resolves.toBeUndefined()
  }
  for (const host of ['0.0.0.0', '::', '192.168.1.4', '127.example.com']) {
    await expect(refuseGeneratedPasswordOnNetwork(home.services, host)).rejects.toThrow(host)
  }
  const admin = await findUserByName(home.database, 'admin')
  await setPassword(home.database, admin?.userId ?? '', await home.services.passwords.hash('chosen'))
  await expect(refuseGeneratedPasswordOnNetwork(home.services, '0.0.0.0')).resolves.toBeUndefined()
})
