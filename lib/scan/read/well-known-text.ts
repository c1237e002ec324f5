import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'

/**
 * A geometry in well-known binary as well-known text: `POINT Z (30 10 40)`. Coordinates have the fewest digits that
 * identify their doubles.
 *
 * Spec: OGC 06-103r4, *Simple Feature Access, Part 1*, 7 and 8 (the ISO variant: a type above 1000 has a Z, above 2000
 * an M, above 3000 both); parquet-format, *Geospatial.md*: a point of NaN is empty.
 *
 * @throws {DamagedParquet}; {OversizedParquet} if collections nest too deeply or the text is too long
 */
export function wellKnownText(bytes: Uint8Array, maxChars: number): string {
  const reader = new GeometryReader(bytes, maxChars)
  const text = reader.readGeometry(0)
  reader.requireEnd()
  return text
}

type Kind = (typeof KINDS)[number]
type Dimensions = '' | 'Z' | 'M' | 'ZM'
type Head = { kind: Kind; dimensions: Dimensions; isLittleEndian: boolean }

/** By their number in the format, from 1. */
const KINDS = [
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
] as const
const DIMENSIONS: readonly Dimensions[] = ['', 'Z', 'M', 'ZM']
const MEMBER_KINDS: Partial<Record<Kind, Kind>> = {
  MULTIPOINT: 'POINT',
  MULTILINESTRING: 'LINESTRING',
  MULTIPOLYGON: 'POLYGON',
}
const MAX_DEPTH = 32
/** Byte order, type and a count. */
const MIN_GEOMETRY_BYTES = 9

class GeometryReader {
  readonly #view: DataView
  #at = 0
  #remainingChars: number

  constructor(bytes: Uint8Array, maxChars: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#remainingChars = maxChars
  }

  requireEnd(): void {
    if (this.#at !== this.#view.byteLength) throw new DamagedParquet('a geometry has bytes behind its end')
  }

  readGeometry(depth: number): string {
    const head = this.#readHead()
    const body = this.#readBody(head, depth)
    return [head.kind, head.dimensions, body].filter(Boolean).join(' ')
  }

  #readHead(): Head {
    const order = this.#take(1).getUint8(0)
    if (order > 1) throw new DamagedParquet(`a geometry has the unknown byte order ${order}`)
    const isLittleEndian = order === 1
    const code = this.#take(4).getUint32(0, isLittleEndian)
    const [kind, dimensions] = [KINDS[(code % 1000) - 1], DIMENSIONS[Math.floor(code / 1000)]]
    if (kind === undefined || dimensions === undefined) {
      throw new DamagedParquet(`a geometry has the unknown type ${code}`)
    }
    return { kind, dimensions, isLittleEndian }
  }

  #readBody(head: Head, depth: number): string {
    if (depth > MAX_DEPTH) throw new OversizedParquet(`a geometry nests deeper than ${MAX_DEPTH}`)
    switch (head.kind) {
      case 'POINT': {
        const position = this.#readPosition(head)
        return position.every(Number.isNaN) ? 'EMPTY' : `(${this.#text(position.map(numberText).join(' '))})`
      }
      case 'LINESTRING':
        return this.#readLine(head)
      case 'POLYGON':
        return this.#readList(head, 4, () => this.#readLine(head))
      case 'GEOMETRYCOLLECTION':
        return this.#readList(head, MIN_GEOMETRY_BYTES, () => this.readGeometry(depth + 1))
      default:
        return this.#readList(head, MIN_GEOMETRY_BYTES, () => this.#readMember(head, depth))
    }
  }

  #readLine(head: Head): string {
    const bytesEach = positionLength(head) * 8
    return this.#readList(head, bytesEach, () => this.#text(this.#readPosition(head).map(numberText).join(' ')))
  }

  #readMember({ kind, dimensions }: Head, depth: number): string {
    const head = this.#readHead()
    if (head.kind !== MEMBER_KINDS[kind] || head.dimensions !== dimensions) {
      throw new DamagedParquet(`a geometry has a ${head.kind} in a ${kind}`)
    }
    return this.#readBody(head, depth + 1)
  }

  #readList({ isLittleEndian }: Head, minBytesEach: number, readItem: () => string): string {
    const count = this.#take(4).getUint32(0, isLittleEndian)
    if (count * minBytesEach > this.#view.byteLength - this.#at) throw cutOffError()
    if (count === 0) return this.#text('EMPTY')
    const items: string[] = []
    for (let i = 0; i < count; i++) items.push(readItem())
    this.#text(', ', count)
    return `(${items.join(', ')})`
  }

  #readPosition(head: Head): number[] {
    const length = positionLength(head)
    const view = this.#take(8 * length)
    return Array.from({ length }, (_, i) => view.getFloat64(8 * i, head.isLittleEndian))
  }

  #text(text: string, times = 1): string {
    this.#remainingChars -= text.length * times
    if (this.#remainingChars < 0) throw new OversizedParquet('a geometry is too long as text')
    return text
  }

  #take(length: number): DataView {
    const { buffer, byteOffset, byteLength } = this.#view
    if (this.#at + length > byteLength) throw cutOffError()
    const part = new DataView(buffer, byteOffset + this.#at, length)
    this.#at += length
    return part
  }
}

function positionLength({ dimensions }: Head): number {
  return 2 + dimensions.length
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function cutOffError(): DamagedParquet {
  return new DamagedParquet('a geometry ends before its coordinates do')
}
