import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import {
  i32,
  i64,
  type ThriftFields,
  type ThriftValue,
  thriftList,
  thriftStruct,
  thriftText,
  writeThriftStruct,
} from '@/lib/parquet/write/thrift-writer'
import type { RowValue } from '../read/row-value'
import { PHYSICAL, toStored } from './parquet-stored-type'

const PLAIN = 0
const RLE = 3
const UNCOMPRESSED = 0
const DATA_PAGE = 0

/** Definition and repetition level. */
export type Levels = { def: number; rep: number }

/** The values of one column of a row group, with their levels. */
export class LeafWriter {
  readonly element: ThriftFields
  readonly path: readonly string[]
  readonly physicalType: number
  readonly #max: Levels
  readonly #write: (value: RowValue, to: ByteWriter) => void
  #defs = new LevelWriter()
  #reps = new LevelWriter()
  #values = new ByteWriter()
  #bitCount = 0

  constructor(type: PrimitiveType, common: ThriftFields, path: readonly string[], max: Levels) {
    const stored = toStored(type)
    this.physicalType = PHYSICAL[stored.physical]
    this.element = { 1: i32(this.physicalType), ...common, ...stored.element }
    this.path = path
    this.#max = max
    this.#write = stored.physical === 'boolean' ? (value, to) => this.#writeBit(value === true, to) : stored.write
  }

  get levelCount(): number {
    return this.#defs.count
  }

  get memoryBytes(): number {
    return this.#values.length + this.#defs.lengthBytes + this.#reps.lengthBytes
  }

  writeMissing(def: number, rep: number): void {
    this.#defs.add(def)
    this.#reps.add(rep)
  }

  write(value: RowValue, rep: number): void {
    this.#defs.add(this.#max.def)
    this.#reps.add(rep)
    this.#write(value, this.#values)
  }

  /** The page with its header; another one begins. */
  takePage(): Uint8Array {
    const valueCount = this.levelCount
    const body = new ByteWriter()
    for (const [levels, max] of [
      [this.#reps, this.#max.rep],
      [this.#defs, this.#max.def],
    ] as const) {
      if (max === 0) continue
      const encoded = levels.finish()
      body.int32(encoded.length)
      body.bytes(encoded)
    }
    body.bytes(this.#values.written())
    const header = writeThriftStruct({
      1: i32(DATA_PAGE),
      2: i32(body.length),
      3: i32(body.length),
      5: thriftStruct({ 1: i32(valueCount), 2: i32(PLAIN), 3: i32(RLE), 4: i32(RLE) }),
    })
    this.#defs = new LevelWriter()
    this.#reps = new LevelWriter()
    this.#values = new ByteWriter()
    this.#bitCount = 0
    const page = new ByteWriter()
    page.bytes(header)
    page.bytes(body.written())
    return page.written()
  }

  #writeBit(bit: boolean, to: ByteWriter): void {
    const at = this.#bitCount++ % 8
    if (at === 0) to.byte(0)
    if (bit) to.orLast(1 << at)
  }
}

/** Levels as runs of equal ones. They are below 256, because columns nest less deeply. */
class LevelWriter {
  count = 0
  readonly #bytes = new ByteWriter()
  #level = 0
  #runLength = 0

  get lengthBytes(): number {
    return this.#bytes.length
  }

  add(level: number): void {
    if (level !== this.#level) this.#endRun()
    this.#level = level
    this.#runLength++
    this.count++
  }

  finish(): Uint8Array {
    this.#endRun()
    return this.#bytes.written()
  }

  #endRun(): void {
    if (this.#runLength === 0) return
    this.#bytes.varint(2 * this.#runLength)
    this.#bytes.byte(this.#level)
    this.#runLength = 0
  }
}

/** The metadata of a page as the only one of its column chunk. */
export function toColumnChunk(
  { physicalType, path }: LeafWriter,
  { start, lengthBytes, valueCount }: { start: number; lengthBytes: number; valueCount: number },
): ThriftValue {
  const metadata = thriftStruct({
    1: i32(physicalType),
    2: thriftList('i32', [i32(PLAIN), i32(RLE)]),
    3: thriftList('bytes', path.map(thriftText)),
    4: i32(UNCOMPRESSED),
    5: i64(valueCount),
    6: i64(lengthBytes),
    7: i64(lengthBytes),
    9: i64(start),
  })
  return thriftStruct({ 2: i64(start), 3: metadata })
}
