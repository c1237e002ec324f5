import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { expect, it, vi } from 'vitest'
import { generatePassword, Passwords } from './passwords'

/** As programs hash. */
const costly = new Passwords()
const passwords = new Passwords({ logN: 4, r: 1, p: 1 })

type Scrypt = (
  password: string,
  salt: string | Buffer,
  keyBytes: number,
  cost: crypto.ScryptOptions,
  done: (error: Error | null, key: Buffer) => void,
) => void
const scrypt = vi.spyOn(crypto as { scrypt: Scrypt }, 'scrypt')
syncBuiltinESMExports()

it('accepts the right password and no other', async () => {
  const hash = await passwords.hash('correct horse')
  expect(await passwords.matches('correct horse', hash)).toBe(true)
  expect(await passwords.matches('correct horsf', hash)).toBe(false)
  expect(await passwords.matches('', hash)).toBe(false)
})

it('never creates the same hash twice, and no hash contains the password', async () => {
  const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])
  expect(one).not.toBe(two)
  expect(one).not.toContain('horse')
})

it('accepts either Unicode form of a letter, because keyboards differ', async () => {
  expect(await passwords.matches('cafe\u0301', await passwords.hash('café'))).toBe(true)
})

it('rejects an unknown user after the same work as for a known one', async () => {
  const hash = await costly.hash('correct horse')
  const workFor = async (known: string | null) => {
    scrypt.mockClear()
    expect(await costly.matches('wrong', known)).toBe(false)
    return scrypt.mock.calls.map(([password, salt, keyBytes, cost]) => {
      return { password, saltBytes: Buffer.byteLength(salt), keyBytes, cost }
    })
  }
  const knownUserWork = await workFor(hash)
  expect(knownUserWork).toMatchObject([{ password: 'wrong', keyBytes: 32, cost: { N: 2 ** 15, r: 8, p: 3 } }])
  expect(await workFor(null)).toEqual(knownUserWork)
})

it('accepts hashes of another cost, so that the cost may grow', async () => {
  const cheap = 'scrypt$10$8$1$AAAAAAAAAAAAAAAAAAAAAA$'
  const key = crypto.scryptSync('old', Buffer.from('AAAAAAAAAAAAAAAAAAAAAA', 'base64url'), 32, { N: 1024, r: 8, p: 1 })
  expect(await passwords.matches('old', cheap + key.toString('base64url'))).toBe(true)
})

it('refuses when too many passwords are being checked at once', async () => {
  const checks = await Promise.allSettled(
    Array.from({ length: 60 }, () => passwords.matches('x', 'scrypt$10$8$1$AA$AA')),
  )
  const refused = checks.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused).toContainEqual(
    expect.objectContaining({ reason: expect.objectContaining({ code: 'too-many-requests' }) }),
  )
})

it('generates passwords that are long, easy to type and all different', () => {
  const passwords = Array.from({ length: 200 }, generatePassword)
  for (const password of passwords) expect(password).toMatch(/^([a-hj-km-np-z2-9]{5}-){3}[a-hj-km-np-z2-9]{5}$/)
  expect(new Set(passwords).size).toBe(200)
})
