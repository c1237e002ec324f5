import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { readPlanToken, signPlanToken } from './plan-token'

const home = createTestHome()
const NOW_MS = Date.UTC(2026, 10, 20, 12, 10)
const HOUR_MS = 3_600_000
const plan = {
  identifier: { catalog: 'local', namespace: ['a.b', 'c'], table: 't/ü' },
  tableUuid: 'b7c2',
  snapshotId: '4951213507629824583',
  schemaId: 3,
  userId: 'u1',
}

it('A plan token without a snapshot is of an empty table', () => {
  const token = signPlanToken(home.services, { ...plan, snapshotId: null }, NOW_MS)
  expect(readPlanToken(home.services, token, NOW_MS).snapshotId).toBeNull()
})

it('A plan token returns what was signed', () => {
  const { expiresAtMs, ...rest } = readPlanToken(home.services, signPlanToken(home.services, plan, NOW_MS), NOW_MS)
  expect(rest).toEqual({ ...plan, where: null })
  expect(expiresAtMs - NOW_MS).toBeGreaterThanOrEqual(HOUR_MS)
  expect(expiresAtMs - NOW_MS).toBeLessThanOrEqual(1.5 * HOUR_MS)
})

it('A plan token is the same for the same snapshot within half an hour, so that a browser’s cache knows its files', () => {
  expect(signPlanToken(home.services, plan, NOW_MS + 5 * 60_000)).toBe(signPlanToken(home.services, plan, NOW_MS))
  expect(signPlanToken(home.services, { ...plan, userId: 'u2' }, NOW_MS)).not.toBe(
    signPlanToken(home.services, plan, NOW_MS),
  )
})

it('A plan token is refused after it has expired', () => {
  const token = signPlanToken(home.services, plan, NOW_MS)
  expect(() => readPlanToken(home.services, token, NOW_MS + 1.5 * HOUR_MS)).toThrow(
    expect.objectContaining({ code: 'token-expired' }),
  )
})

it('A plan token carries a filter, which is signed with the rest', () => {
  const where = JSON.stringify({ type: 'eq', term: 'ü', value: 1 })
  const token = signPlanToken(home.services, { ...plan, where }, NOW_MS)
  expect(readPlanToken(home.services, token, NOW_MS)).toMatchObject({ ...plan, where })
  const unfiltered = signPlanToken(home.services, plan, NOW_MS)
  expect(token.startsWith(`${unfiltered}.`)).toBe(true)
  const other = signPlanToken(home.services, { ...plan, userId: 'u2', where }, NOW_MS).split('.')
  const moved = `${unfiltered}.${other.slice(2).join('.')}`
  expect(() => readPlanToken(home.services, moved, NOW_MS)).toThrow(expect.objectContaining({ code: 'forbidden' }))
})

const token = () => signPlanToken(home.services, plan, NOW_MS)
const withOtherPayload = (change: (text: string) => string) => () => {
  const [text = '', signature = ''] = token().split('.')
  const changed = change(Buffer.from(text, 'base64url').toString('utf8'))
  return `${Buffer.from(changed).toString('base64url')}.${signature}`
}

it.each([
  ['names another table', withOtherPayload((text) => text.replace('t/ü', 't/u'))],
  ['names another snapshot', withOtherPayload((text) => text.replace('4951', '4952'))],
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
])('A plan token is refused when it %s', (_what, forged) => {
  expect(() => readPlanToken(home.services, forged(), NOW_MS)).toThrow(expect.objectContaining({ code: 'forbidden' }))
})

it('A plan token in an older format counts as expired', () => {
  const text = Buffer.from(JSON.stringify([0, 'local', [], 't', 'b7c2', '1', 'u1', NOW_MS * 2])).toString('base64url')
  const signature = createHmac('sha256', home.services.keys.derive('plan tokens')).update(text).digest('base64url')
  expect(() => readPlanToken(home.services, `${text}.${signature}`, NOW_MS)).toThrow(
    expect.objectContaining({ code: 'token-expired' }),
  )
})
