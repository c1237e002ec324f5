import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyText } from '@/testing/any-text'
import { unsealText, sealText } from './seal'

let sealingKey = 'the first sealing key of these tests 0123'

const CONTEXT = { connectionId: 'c1', field: 'token' }
const unreadable = expect.objectContaining({ code: 'secrets-unreadable' })

describe('A sealed secret', () => {
  test('opens to its original text, whatever that contains', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(unsealText({ sealingKey }, sealText({ sealingKey }, text, CONTEXT), CONTEXT, 'prod')).toBe(
          text.toWellFormed(),
        )
      }),
    )
  })

  test('reveals nothing of its text, and is never the same twice', () => {
    const [one, other] = [sealText({ sealingKey }, 'hunter2', CONTEXT), sealText({ sealingKey }, 'hunter2', CONTEXT)]
    expect(one).not.toBe(other)
    expect(one).not.toContain('hunter2')
    expect(one).not.toContain(Buffer.from('hunter2').toString('base64url'))
  })

  test('opens only in its own context', () => {
    const sealed = sealText({ sealingKey }, 'hunter2', { ...CONTEXT, userId: 'ann' })
    for (const context of [CONTEXT, { ...CONTEXT, userId: 'bob' }, { ...CONTEXT, userId: 'ann', connectionId: 'c2' }]) {
      expect(() => unsealText({ sealingKey }, sealed, context, 'prod')).toThrow(unreadable)
    }
    expect(() =>
      unsealText({ sealingKey }, sealText({ sealingKey }, 'x', CONTEXT), { ...CONTEXT, field: 'password' }, 'prod'),
    ).toThrow(unreadable)
  })

  test('does not open when one letter is changed', () => {
    const sealed = sealText({ sealingKey }, 'hunter2', CONTEXT)
    const changed = Array.from({ length: sealed.length }, (_, i) => i)
      .map((i) => `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`)
      // The last letter of a base64 text contains unused bits.
      .filter((text) => bytesOf(text) !== bytesOf(sealed))
    expect(changed.length).toBeGreaterThan(sealed.length - 3)
    for (const text of changed)
      expect(() => unsealText({ sealingKey }, text, CONTEXT, 'prod'), text).toThrow(unreadable)
    for (const damaged of ['', 'v1', 'v1.a.b', sealed.slice(0, 40)]) {
      expect(() => unsealText({ sealingKey }, damaged, CONTEXT, 'prod')).toThrow(unreadable)
    }
  })

  test('reports that the sealing key is another one, naming the connection but not the keys', () => {
    const sealed = sealText({ sealingKey }, 'hunter2', CONTEXT)
    const first = sealingKey
    sealingKey = 'another sealing key of these tests 012345'
    const error = catchError(() => unsealText({ sealingKey }, sealed, CONTEXT, 'prod'))
    sealingKey = first
    expect(error).toMatchObject({ code: 'secrets-unreadable', message: expect.stringContaining('prod') })
    expect(JSON.stringify(error)).not.toContain(first)
    expect(unsealText({ sealingKey }, sealed, CONTEXT, 'prod')).toBe('hunter2')
  })
})

function bytesOf(sealed: string): string {
  const parts = sealed.split('.').map((part, i) => (i < 2 ? part : Buffer.from(part, 'base64url').toString('hex')))
  return parts.join('.')
}

function catchError(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
