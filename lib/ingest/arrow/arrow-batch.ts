import { AppError } from '@/lib/errors'
import { type FlatTable, toSize } from './flat-table'
import { decompressLz4Frame } from './lz4-frame'

/** Block compression, passed in because `lib` runs without Node. */
export type ArrowCodecs = {
  /** Decompresses one frame of zstd. @throws when the result is longer than `maxBytes`, or the bytes are damaged */
  zstd(bytes: Uint8Array, maxBytes: number): Uint8Array
  /** Loads zstd before its first frame is decompressed. It is not called for a file without such frames. */
  load?(): Promise<void>
}

/** Uncompressed, of one batch. */
export const MAX_BATCH_BYTES = 256 * 1024 * 1024
const LENGTH_BYTES = 8
const NOT_COMPRESSED = -1n
const [LZ4_FRAME, ZSTD] = [0, 1]

/** @throws {RangeError} for damaged metadata */
export function isZstdBatch(metadata: FlatTable): boolean {
  return metadata.table(3)?.byte(0) === ZSTD
}

/** The nodes and buffers of one record batch, in the order of the fields of the schema and of the fields inside them. */
export class ArrowBatch {
  readonly rowCount: number
  readonly #body: Uint8Array
  readonly #codecs: ArrowCodecs
  readonly #label: string
  readonly #nodes: readonly number[]
  readonly #buffers: readonly number[]
  readonly #variadicCounts: readonly number[]
  readonly #codec: number | null
  #nextNode = 0
  #nextBuffer = 0
  #nextVariadic = 0
  #plainBytes = 0

  /** @throws {RangeError} for damaged metadata */
  constructor(metadata: FlatTable, { body, codecs, label }: { body: Uint8Array; codecs: ArrowCodecs; label: string }) {
    this.rowCount = toSize(metadata.long(0))
    this.#body = body
    this.#codecs = codecs
    this.#label = label
    this.#nodes = metadata.sizes(1, 2)
    this.#buffers = metadata.sizes(2, 2)
    this.#codec = metadata.table(3)?.byte(0) ?? null
    this.#variadicCounts = metadata.sizes(4)
  }

  /** Bytes of the buffers that were taken, uncompressed. */
  get plainBytes(): number {
    return this.#plainBytes
  }

  takeNode(): { length: number; nullCount: number } {
    const [length, nullCount] = this.#nodes.slice(this.#nextNode, this.#nextNode + 2)
    this.#nextNode += 2
    if (length === undefined || nullCount === undefined) throw new RangeError('a batch lacks a field')
    return { length, nullCount }
  }

  takeVariadicCount(): number {
    const count = this.#variadicCounts[this.#nextVariadic++]
    if (count === undefined) throw new RangeError('a batch lacks the count of its buffers')
    return count
  }

  /** Passes over buffers without decompressing them. */
  skipBuffers(count: number): void {
    this.#nextBuffer += 2 * count
  }

  /** @throws {RangeError} for a buffer that is not in the body or not compressed as it claims; {AppError} too-large */
  takeBuffer(): Uint8Array {
    const [start, length] = this.#buffers.slice(this.#nextBuffer, this.#nextBuffer + 2)
    this.#nextBuffer += 2
    if (start === undefined || length === undefined) throw new RangeError('a batch lacks a buffer')
    if (length === 0) return new Uint8Array()
    if (start + length > this.#body.length) throw new RangeError('a buffer reaches beyond the batch')
    const plain = this.#decompress(this.#body.subarray(start, start + length))
    this.#addBytes(plain.length)
    return plain
  }

  #decompress(stored: Uint8Array): Uint8Array {
    if (this.#codec === null) return stored
    const length = new DataView(stored.buffer, stored.byteOffset, stored.byteLength).getBigInt64(0, true)
    const compressed = stored.subarray(LENGTH_BYTES)
    if (length === NOT_COMPRESSED) return compressed
    const plainBytes = toSize(length)
    if (plainBytes > MAX_BATCH_BYTES - this.#plainBytes) throw this.#tooLargeError()
    if (this.#codec === LZ4_FRAME) return decompressLz4Frame(compressed, plainBytes)
    if (this.#codec !== ZSTD) throw new RangeError(`the unknown compression ${this.#codec}`)
    const plain = this.#decompressZstd(compressed, plainBytes)
    if (plain.length !== plainBytes) throw new RangeError(`a buffer has ${plain.length} bytes, not ${plainBytes}`)
    return plain
  }

  #decompressZstd(compressed: Uint8Array, plainBytes: number): Uint8Array {
    try {
      return this.#codecs.zstd(compressed, plainBytes)
    } catch (cause) {
      throw new RangeError('a buffer that cannot be decompressed (zstd)', { cause })
    }
  }

  #addBytes(bytes: number): void {
    this.#plainBytes += bytes
    if (this.#plainBytes > MAX_BATCH_BYTES) throw this.#tooLargeError()
  }

  #tooLargeError(): AppError {
    return new AppError(
      'too-large',
      `A record batch of the ${this.#label} has more than 256 MiB. Write the file with fewer rows in a batch.`,
      { facts: { file: this.#label } },
    )
  }
}
