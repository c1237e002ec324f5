import { AppError } from '@/lib/errors'
import { murmur3 } from '../../iceberg/partitioning/murmur3'

const INITIAL_SLOTS = 1 << 12
const MAX_LOCATIONS = 10_000_000
const SEEDS = [0x9747b28c, 0x1b873593] as const

/**
 * A set of locations that stores 63 bits of each, in 16 to 32 bytes: at most 32 MB for a million of them. Of two
 * locations with the same bits, the second counts as known. The chance that a table of a million files has such a pair
 * is one in 18 million, and then a file that could be deleted stays.
 */
export class LocationSet {
  #words = new Uint32Array(2 * INITIAL_SLOTS)
  #size = 0
  readonly #encoder = new TextEncoder()
  readonly #buffer = new Uint8Array(4096)
  readonly #maxLocations: number

  constructor(maxLocations = MAX_LOCATIONS) {
    this.#maxLocations = maxLocations
  }

  get size(): number {
    return this.#size
  }

  /**
   * @returns whether it is new
   * @throws {AppError} too-large for more locations than are held in memory
   */
  add(location: string): boolean {
    const { high, low } = this.#bits(location)
    if (!insert(this.#words, high, low)) return false
    this.#size += 1
    if (this.#size > this.#maxLocations) {
      throw new AppError(
        'too-large',
        `The table has more than ${this.#maxLocations} files, which is too many to compare.`,
        {
          facts: { maxLocations: this.#maxLocations },
        },
      )
    }
    if (this.#size * 4 > this.#words.length) this.#grow()
    return true
  }

  has(location: string): boolean {
    const { high, low } = this.#bits(location)
    return find(this.#words, high, low)
  }

  #bits(location: string): { high: number; low: number } {
    const bytes = this.#encode(location)
    // An empty slot is all zeros.
    return { high: murmur3(bytes, SEEDS[0]) >>> 0, low: (murmur3(bytes, SEEDS[1]) | 1) >>> 0 }
  }

  #encode(location: string): Uint8Array {
    const { read, written } = this.#encoder.encodeInto(location, this.#buffer)
    return read === location.length ? this.#buffer.subarray(0, written) : this.#encoder.encode(location)
  }

  #grow(): void {
    const grown = new Uint32Array(2 * this.#words.length)
    for (let index = 0; index < this.#words.length; index += 2) {
      const low = this.#words[index + 1] ?? 0
      if (low !== 0) insert(grown, this.#words[index] ?? 0, low)
    }
    this.#words = grown
  }
}

function insert(words: Uint32Array, high: number, low: number): boolean {
  const slot = slotOf(words, high, low)
  if (words[2 * slot + 1] !== 0) return false
  words[2 * slot] = high
  words[2 * slot + 1] = low
  return true
}

function find(words: Uint32Array, high: number, low: number): boolean {
  return words[2 * slotOf(words, high, low) + 1] !== 0
}

/** The slot that has these bits, or the free one for them. At most half of the slots are taken, so one is free. */
function slotOf(words: Uint32Array, high: number, low: number): number {
  const mask = words.length / 2 - 1
  for (let slot = high & mask; ; slot = (slot + 1) & mask) {
    const known = words[2 * slot + 1]
    if (known === 0 || (known === low && words[2 * slot] === high)) return slot
  }
}
