import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openText, sealText } from './seal'

let sealingKey = 'the first sealing key of these tests 0123'

const PLACE = { connectionId: 'c1', field: 'token' }
const unreadable = expect.objectContaining({ code: 'secrets-unreadable' })

describe('A sealed secret', () => {
  test('opens to what it was, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(openText({ sealingKey }, sealText({ sealingKey }, text, PLACE), PLACE, 'prod')).toBe(text.toWellFormed())
      }),
    )
  })

  test('shows nothing of what it holds, and never the same twice', () => {
    const [one, other] = [sealText({ sealingKey }, 'hunter2', PLACE), sealText({ sealingKey }, 'hunter2', PLACE)]
    expect(one).not.toBe(other)
    expect(one).not.toContain('hunter2')
    expect(one).not.toContain(Buffer.from('hunter2').toString('base64url'))
  })

  test('opens in its own place only', () => {
    const sealed = sealText({ sealingKey }, 'hunter2', { ...PLACE, userId: 'ann' })
    for (const place of [PLACE, { ...PLACE, userId: 'bob' }, { ...PLACE, userId: 'ann', connectionId: 'c2' }]) {
      expect(() => openText({ sealingKey }, sealed, place, 'prod')).toThrow(unreadable)
    }
    expect(() =>
      openText({ sealingKey }, sealText({ sealingKey }, 'x', PLACE), { ...PLACE, field: 'password' }, 'prod'),
    ).toThrow(unreadable)
  })

  test('does not open with one letter changed', () => {
    const sealed = sealText({ sealingKey }, 'hunter2', PLACE)
    const changed = Array.from({ length: sealed.length }, (_, i) => i)
      .map((i) => `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`)
      // The last letter of a base64 text holds bits that mean nothing.
      .filter((text) => bytesOf(text) !== bytesOf(sealed))
    expect(changed.length).toBeGreaterThan(sealed.length - 3)
    for (const text of changed) expect(() => openText({ sealingKey }, text, PLACE, 'prod'), text).toThrow(unreadable)
    for (const damaged of ['', 'v1', 'v1.a.b', sealed.slice(0, 40)]) {
      expect(() => openText({ sealingKey }, damaged, PLACE, 'prod')).toThrow(unreadable)
    }
  })

  test('under another key is told as that, with the name of the connection and nothing of the keys', () => {
    const sealed = sealText({ sealingKey }, 'hunter2', PLACE)
    const first = sealingKey
    sealingKey = 'another sealing key of these tests 012345'
    const error = thrownBy(() => openText({ sealingKey }, sealed, PLACE, 'prod'))
    sealingKey = first
    expect(error).toMatchObject({ code: 'secrets-unreadable', message: expect.stringContaining('prod') })
    expect(JSON.stringify(error)).not.toContain(first)
    expect(openText({ sealingKey }, sealed, PLACE, 'prod')).toBe('hunter2')
  })
})

function bytesOf(sealed: string): string {
  const parts = sealed.split('.').map((part, i) => (i < 2 ? part : Buffer.from(part, 'base64url').toString('hex')))
  return parts.join('.')
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
