/**
 * The 64-bit xxHash with the seed 0. A 64-bit integer is two halves of 32 bits, because a bigint for each step takes
 * microseconds, and every value of a column may have to be hashed.
 *
 * Spec: *xxHash fast digest algorithm*, XXH64.
 */

/** Takes the halves of a hash. */
export type HashHalves = { high: number; low: number }

const [PRIME_1_HIGH, PRIME_1_LOW] = [0x9e3779b1, 0x85ebca87]
const [PRIME_2_HIGH, PRIME_2_LOW] = [0xc2b2ae3d, 0x27d4eb4f]
const [PRIME_3_HIGH, PRIME_3_LOW] = [0x165667b1, 0x9e3779f9]
const [PRIME_4_HIGH, PRIME_4_LOW] = [0x85ebca77, 0xc2b2ae63]
const [PRIME_5_HIGH, PRIME_5_LOW] = [0x27d4eb2f, 0x165667c5]
const LANE_BYTES = 8
const STRIPE_BYTES = 4 * LANE_BYTES

/** The state of a hash: bits are rotated, multiplied and added in place. */
class Accumulator implements HashHalves {
  high = 0
  low = 0

  set(high: number, low: number): void {
    this.high = high
    this.low = low
  }

  add(high: number, low: number): void {
    const sum = (this.low >>> 0) + (low >>> 0)
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0
    this.low = sum | 0
  }

  xor(high: number, low: number): void {
    this.high ^= high
    this.low ^= low
  }

  /** @param bits from 1 to 31 */
  rotateLeft(bits: number): void {
    const { high, low } = this
    this.high = (high << bits) | (low >>> (32 - bits))
    this.low = (low << bits) | (high >>> (32 - bits))
  }

  multiply(high: number, low: number): void {
    const [a0, a1] = [this.low & 0xffff, this.low >>> 16]
    const [b0, b1] = [low & 0xffff, low >>> 16]
    const middle = a1 * b0 + ((a0 * b0) >>> 16)
    const carried = a0 * b1 + (middle & 0xffff)
    const top = a1 * b1 + (middle >>> 16) + (carried >>> 16)
    this.high = (top + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0
    this.low = Math.imul(this.low, low)
  }

  /** Adds eight bytes to a lane. */
  mix(high: number, low: number): void {
    word.set(high, low)
    word.multiply(PRIME_2_HIGH, PRIME_2_LOW)
    this.add(word.high, word.low)
    this.rotateLeft(31)
    this.multiply(PRIME_1_HIGH, PRIME_1_LOW)
  }
}

const word = new Accumulator()
const lane = new Accumulator()
const [a, b, c, d] = [new Accumulator(), new Accumulator(), new Accumulator(), new Accumulator()]
const hash = new Accumulator()

/** @returns a hash that is valid until the next call */
export function xxhash64(bytes: Uint8Array, start = 0, end = bytes.length): Readonly<HashHalves> {
  let at = start
  if (end - start >= STRIPE_BYTES) at = hashStripes(bytes, start, end)
  else hash.set(PRIME_5_HIGH, PRIME_5_LOW)
  hash.add(0, end - start)
  for (; at + LANE_BYTES <= end; at += LANE_BYTES) {
    lane.set(0, 0)
    lane.mix(int32At(bytes, at + 4), int32At(bytes, at))
    hash.xor(lane.high, lane.low)
    hash.rotateLeft(27)
    hash.multiply(PRIME_1_HIGH, PRIME_1_LOW)
    hash.add(PRIME_4_HIGH, PRIME_4_LOW)
  }
  if (at + 4 <= end) {
    word.set(0, int32At(bytes, at))
    word.multiply(PRIME_1_HIGH, PRIME_1_LOW)
    hash.xor(word.high, word.low)
    hash.rotateLeft(23)
    hash.multiply(PRIME_2_HIGH, PRIME_2_LOW)
    hash.add(PRIME_3_HIGH, PRIME_3_LOW)
    at += 4
  }
  for (; at < end; at++) {
    word.set(0, bytes[at] ?? 0)
    word.multiply(PRIME_5_HIGH, PRIME_5_LOW)
    hash.xor(word.high, word.low)
    hash.rotateLeft(11)
    hash.multiply(PRIME_1_HIGH, PRIME_1_LOW)
  }
  // Each by 33, 29 and 32 bits to the right.
  hash.xor(0, hash.high >>> 1)
  hash.multiply(PRIME_2_HIGH, PRIME_2_LOW)
  hash.xor(hash.high >>> 29, (hash.low >>> 29) | (hash.high << 3))
  hash.multiply(PRIME_3_HIGH, PRIME_3_LOW)
  hash.xor(0, hash.high)
  return hash
}

/** @returns where the bytes begin that fill no stripe */
function hashStripes(bytes: Uint8Array, start: number, end: number): number {
  a.set(PRIME_1_HIGH, PRIME_1_LOW)
  a.add(PRIME_2_HIGH, PRIME_2_LOW)
  b.set(PRIME_2_HIGH, PRIME_2_LOW)
  c.set(0, 0)
  d.set(~PRIME_1_HIGH, -PRIME_1_LOW)
  let at = start
  for (; at + STRIPE_BYTES <= end; at += STRIPE_BYTES) {
    a.mix(int32At(bytes, at + 4), int32At(bytes, at))
    b.mix(int32At(bytes, at + 12), int32At(bytes, at + 8))
    c.mix(int32At(bytes, at + 20), int32At(bytes, at + 16))
    d.mix(int32At(bytes, at + 28), int32At(bytes, at + 24))
  }
  hash.set(0, 0)
  addRotated(a, 1)
  addRotated(b, 7)
  addRotated(c, 12)
  addRotated(d, 18)
  merge(a)
  merge(b)
  merge(c)
  merge(d)
  return at
}

function addRotated({ high, low }: HashHalves, bits: number): void {
  lane.set(high, low)
  lane.rotateLeft(bits)
  hash.add(lane.high, lane.low)
}

function merge({ high, low }: HashHalves): void {
  lane.set(0, 0)
  lane.mix(high, low)
  hash.xor(lane.high, lane.low)
  hash.multiply(PRIME_1_HIGH, PRIME_1_LOW)
  hash.add(PRIME_4_HIGH, PRIME_4_LOW)
}

function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}
