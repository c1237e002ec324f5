/**
 * SipHash-2-4 with 128 bits of output, by J.-P. Aumasson and D. J. Bernstein. Values with equal hashes cannot be found
 * without the key, so a file cannot make different rows count as the same.
 *
 * 64-bit words are pairs of 32-bit ones, because a BigInt for each step takes far longer.
 */
export class SipHash {
  readonly #key: Uint32Array
  /** v0 to v3, the low half of each first. */
  readonly #state = new Int32Array(8)

  /** @param key of 16 bytes */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError('a key of SipHash has 16 bytes')
    const view = new DataView(key.buffer, key.byteOffset, 16)
    this.#key = Uint32Array.from([0, 4, 8, 12], (offset) => view.getUint32(offset, true))
  }

  /** Writes the four 32-bit words of the hash of `bytes[0, length)`, the lowest first, to `target` from `at` on. */
  hash(bytes: Uint8Array, length: number, target: Uint32Array, at: number): void {
    const v = this.#state
    const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = this.#key
    v[0] = k0 ^ 0x70736575
    v[1] = k1 ^ 0x736f6d65
    v[2] = k2 ^ 0x6e646f6d ^ 0xee
    v[3] = k3 ^ 0x646f7261
    v[4] = k0 ^ 0x6e657261
    v[5] = k1 ^ 0x6c796765
    v[6] = k2 ^ 0x79746573
    v[7] = k3 ^ 0x74656462
    const wordsEnd = length - (length % 8)
    for (let i = 0; i < wordsEnd; i += 8) this.#absorb(word(bytes, i), word(bytes, i + 4))
    let [low, high] = [0, (length & 0xff) << 24]
    for (let i = wordsEnd; i < length; i++) {
      const shift = (i - wordsEnd) * 8
      if (shift < 32) low |= (bytes[i] ?? 0) << shift
      else high |= (bytes[i] ?? 0) << (shift - 32)
    }
    this.#absorb(low, high)
    v[4] = (v[4] ?? 0) ^ 0xee
    for (let i = 0; i < 4; i++) round(v)
    this.#squeeze(target, at)
    v[2] = (v[2] ?? 0) ^ 0xdd
    for (let i = 0; i < 4; i++) round(v)
    this.#squeeze(target, at + 2)
  }

  #absorb(low: number, high: number): void {
    const v = this.#state
    v[6] = (v[6] ?? 0) ^ low
    v[7] = (v[7] ?? 0) ^ high
    round(v)
    round(v)
    v[0] = (v[0] ?? 0) ^ low
    v[1] = (v[1] ?? 0) ^ high
  }

  #squeeze(target: Uint32Array, at: number): void {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = this.#state
    target[at] = a ^ c ^ e ^ g
    target[at + 1] = b ^ d ^ f ^ h
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

function round(v: Int32Array): void {
  let [v0l = 0, v0h = 0, v1l = 0, v1h = 0] = v
  let v2l = v[4] ?? 0
  let v2h = v[5] ?? 0
  let v3l = v[6] ?? 0
  let v3h = v[7] ?? 0
  let low: number

  // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
  low = (v0l >>> 0) + (v1l >>> 0)
  v0h = (v0h + v1h + (low > 0xffffffff ? 1 : 0)) | 0
  v0l = low | 0
  low = (v1l << 13) | (v1h >>> 19)
  v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h
  v1l = low ^ v0l
  low = v0l
  v0l = v0h
  v0h = low

  // v2 += v3; v3 = rotl(v3, 16) ^ v2
  low = (v2l >>> 0) + (v3l >>> 0)
  v2h = (v2h + v3h + (low > 0xffffffff ? 1 : 0)) | 0
  v2l = low | 0
  low = (v3l << 16) | (v3h >>> 16)
  v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h
  v3l = low ^ v2l

  // v0 += v3; v3 = rotl(v3, 21) ^ v0
  low = (v0l >>> 0) + (v3l >>> 0)
  v0h = (v0h + v3h + (low > 0xffffffff ? 1 : 0)) | 0
  v0l = low | 0
  low = (v3l << 21) | (v3h >>> 11)
  v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h
  v3l = low ^ v0l

  // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
  low = (v2l >>> 0) + (v1l >>> 0)
  v2h = (v2h + v1h + (low > 0xffffffff ? 1 : 0)) | 0
  v2l = low | 0
  low = (v1l << 17) | (v1h >>> 15)
  v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h
  v1l = low ^ v2l
  low = v2l
  v2l = v2h
  v2h = low

  v[0] = v0l
  v[1] = v0h
  v[2] = v1l
  v[3] = v1h
  v[4] = v2l
  v[5] = v2h
  v[6] = v3l
  v[7] = v3h
}
