import { describe, expect, it } from 'vitest'
import { SipHash } from './sip-hash'

/** From the reference implementation: https://github.com/veorq/SipHash, `vectors.h`, `vectors_sip128`. */
const REFERENCE = [
  'a3817f04ba25a8e66df67214c7550293',
  'da87c1d86b99af44347659119b22fc45',
  '8177228da4a45dc7fca38bdef60affe4',
]

describe('SipHash', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => i)

  it('has the results of the reference implementation', () => {
    expect(REFERENCE.map((_, length) => hashOf(key, length))).toEqual(REFERENCE)
  })

  it('has other results with another key', () => {
    expect(hashOf(new Uint8Array(16), 20)).not.toBe(hashOf(key, 20))
  })

  it('hashes every byte', () => {
    const hash = new SipHash(key)
    const results = new Set<string>()
    const target = new Uint32Array(4)
    for (let i = 0; i < 40; i++) {
      const bytes = new Uint8Array(40)
      bytes[i] = 1
      hash.hash(bytes, 40, target, 0)
      results.add(target.join())
    }
    expect(results.size).toBe(40)
  })

  it('refuses keys of another length', () => {
    expect(() => new SipHash(new Uint8Array(8))).toThrow('16 bytes')
  })
})

function hashOf(key: Uint8Array, length: number): string {
  const target = new Uint32Array(4)
  new SipHash(key).hash(
    Uint8Array.from({ length: 64 }, (_, i) => i),
    length,
    target,
    0,
  )
  const view = new DataView(new ArrayBuffer(16))
  target.forEach((word, i) => view.setUint32(4 * i, word, true))
  return Buffer.from(view.buffer).toString('hex')
}
