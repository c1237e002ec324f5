import { afterEach, expect, it } from 'vitest'
import { makeTestHome } from '@/scripts/test-home'
import { rawChange } from '@/scripts/test-sql'
import { config } from '@/server/config'
import { openDatabase } from '@/server/db/open-database'
import { findUserByName, setPassword } from '@/server/db/users'
import { makeFirstAdmin, refuseGeneratedPasswordBeyondLoopback } from './first-admin'
import { hashPassword, isPassword } from './passwords'

makeTestHome()
const set = (change: Partial<ReturnType<typeof config>>) => Object.assign(config(), change)
afterEach(async () => {
  set({ host: '127.0.0.1', adminPassword: null })
  await openDatabase().commit([rawChange('DELETE FROM users')])
})

it('takes the password of the settings', async () => {
  set({ adminPassword: 'from the settings' })
  expect(await makeFirstAdmin()).toBeNull()
  const admin = await findUserByName(openDatabase(), 'admin')
  expect(await isPassword('from the settings', admin?.passwordHash ?? null)).toBe(true)
  expect(admin?.hasGeneratedPassword).toBe(false)
})

it('leaves a password alone that somebody has', async () => {
  await makeFirstAdmin()
  set({ adminPassword: 'from the settings' })
  expect(await makeFirstAdmin()).toBeNull()
  const admin = await findUserByName(openDatabase(), 'admin')
  expect(await isPassword('from the settings', admin?.passwordHash ?? null)).toBe(false)
})

it('makes one admin when two processes start at once', async () => {
  const shown = await Promise.all([makeFirstAdmin(), makeFirstAdmin()])
  expect(shown.filter((password) => password !== null)).toHaveLength(1)
})

it('generates none for a console on a network', async () => {
  set({ host: '0.0.0.0' })
  await expect(makeFirstAdmin()).rejects.toThrow('LAKESHORE_ADMIN_PASSWORD')
  expect(await findUserByName(openDatabase(), 'admin')).toBeNull()
})

it('refuses to listen beyond loopback until a generated password is changed', async () => {
  await makeFirstAdmin()
  for (const host of ['127.0.0.1', '127.0.1.1', '::1', 'localhost']) {
    await expect(refuseGeneratedPasswordBeyondLoopback(host)).resolves.toBeUndefined()
  }
  for (const host of ['0.0.0.0', '::', '192.168.1.4', '127.example.com']) {
    await expect(refuseGeneratedPasswordBeyondLoopback(host)).rejects.toThrow(host)
  }
  const admin = await findUserByName(openDatabase(), 'admin')
  await setPassword(openDatabase(), admin?.userId ?? '', await hashPassword('chosen'))
  await expect(refuseGeneratedPasswordBeyondLoopback('0.0.0.0')).resolves.toBeUndefined()
})
