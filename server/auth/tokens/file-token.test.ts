import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { readFileToken, signFileToken } from './file-token'

const home = createTestHome()
const NOW_MS = Date.UTC(2026, 10, 20, 12, 10)
const HOUR_MS = 3_600_000
const file = {
  identifier: { catalog: 'local', namespace: ['a.b', 'c'], table: 't/ü' },
  tableUuid: 'b7c2',
  location: 'file:///lake/a/data/f.parquet',
  userId: 'u1',
}

it('A file token contains what was signed', () => {
  const { expiresAtMs, ...rest } = readFileToken(home.services, signFileToken(home.services, file, NOW_MS), NOW_MS)
  expect(rest).toEqual(file)
  expect(expiresAtMs - NOW_MS).toBeGreaterThanOrEqual(HOUR_MS)
  expect(expiresAtMs - NOW_MS).toBeLessThanOrEqual(1.5 * HOUR_MS)
})

it('A file token is the same for the same file within half an hour, so that a browser’s cache knows it', () => {
  expect(signFileToken(home.services, file, NOW_MS + 5 * 60_000)).toBe(signFileToken(home.services, file, NOW_MS))
  expect(signFileToken(home.services, { ...file, userId: 'u2' }, NOW_MS)).not.toBe(
    signFileToken(home.services, file, NOW_MS),
  )
})

it('A file token is refused after it has expired', () => {
  const token = signFileToken(home.services, file, NOW_MS)
  expect(() => readFileToken(home.services, token, NOW_MS + 1.5 * HOUR_MS)).toThrow(
    expect.objectContaining({ code: 'token-expired' }),
  )
})

const token = () => signFileToken(home.services, file, NOW_MS)
const withOtherPayload = (change: (text: string) => string) => () => {
  const [text = '', signature = ''] = token().split('.')
  const changed = change(Buffer.from(text, 'base64url').toString('utf8'))
  return `${Buffer.from(changed).toString('base64url')}.${signature}`
}

it.each([
  ['names another file', withOtherPayload((text) => text.replace('f.parquet', 'g.parquet'))],
  ['names another person', withOtherPayload((text) => text.replace('u1', 'u2'))],
  ['lives longer', withOtherPayload((text) => text.replace(/\d+\]$/, '9999999999999]'))],
  ['has no signature', () => token().split('.')[0] ?? ''],
  ['has an empty signature', () => `${token().split('.')[0]}.`],
  ['has a signature cut short', () => token().slice(0, -4)],
  ['has more after its signature', () => `${token()}.x`],
  ['has a signature padded', () => `${token()}=`],
  ['ends like a picture', () => `${token()}.png`],
  ['is empty', () => ''],
  ['is very long', () => 'a.'.repeat(100_000)],
])('A file token is refused when it %s', (_what, forged) => {
  expect(() => readFileToken(home.services, forged(), NOW_MS)).toThrow(expect.objectContaining({ code: 'forbidden' }))
})

it('A file token in an older format counts as expired', () => {
  const text = Buffer.from(JSON.stringify([1, 'local', [], 't', 'b7c2', 'file:///f', 10, 'u1', NOW_MS * 2])).toString(
    'base64url',
  )
  const signature = createHmac('sha256', home.services.keys.derive('file tokens')).update(text).digest('base64url')
  expect(() => readFileToken(home.services, `${text}.${signature}`, NOW_MS)).toThrow(
    expect.objectContaining({ code: 'token-expired' }),
  )
})
