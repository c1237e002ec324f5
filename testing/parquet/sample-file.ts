import { CODECS, type Codec } from '@/lib/parquet/footer'

/**
 * A Parquet file with one required string column, field id 1, in one row group of one page. Its header and footer may
 * make false claims. For tests.
 */
export function sampleTextFile({
  rowCount,
  codec,
  stored,
  encodedBytes,
}: {
  rowCount: number
  codec: Codec
  /** The page as stored. */
  stored: Uint8Array
  /** The size of the page after decompression, as claimed. */
  encodedBytes: number
}): Uint8Array {
  const header = struct([
    [1, 0],
    [2, encodedBytes],
    [3, stored.length],
    [
      5,
      struct([
        [1, rowCount],
        [2, 0],
        [3, 3],
        [4, 3],
      ]),
    ],
  ])
  const pageBytes = header.length + stored.length
  const root = struct([
    [4, 'root'],
    [5, 1],
  ])
  const column = struct([
    [1, 6],
    [3, 0],
    [4, 's'],
    [6, 0],
    [9, 1],
  ])
  const chunk = struct([
    [1, 6],
    [2, list(5, [zigzag(0n)])],
    [3, list(8, [text('s')])],
    [4, CODECS.indexOf(codec)],
    [5, BigInt(rowCount)],
    [6, BigInt(header.length + encodedBytes)],
    [7, BigInt(pageBytes)],
    [9, 4n],
  ])
  const columnChunk = struct([
    [2, 4n],
    [3, chunk],
  ])
  const group = struct([
    [1, list(12, [columnChunk])],
    [2, BigInt(pageBytes)],
    [3, BigInt(rowCount)],
  ])
  const footer = struct([
    [1, 1],
    [2, list(12, [root, column])],
    [3, BigInt(rowCount)],
    [4, list(12, [group])],
  ])
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, footer.length, true)
  return concatBytes([MAGIC, header, stored, footer, length, MAGIC])
}

/** A page of one long text, in the plain encoding. */
export function plainTextPage(lengthBytes: number): Uint8Array {
  const page = new Uint8Array(4 + lengthBytes).fill(0x79, 4)
  new DataView(page.buffer).setUint32(0, lengthBytes, true)
  return page
}

const MAGIC = new TextEncoder().encode('PAR1')

type List = { list: Uint8Array }
/** A number is an i32, a bigint an i64, bytes are an encoded struct. */
type Field = [id: number, value: number | bigint | string | Uint8Array | List]

/** The part of Thrift's compact protocol that is needed here. */
function struct(fields: readonly Field[]): Uint8Array {
  let previousId = 0
  const parts = fields.flatMap(([id, value]) => {
    const [type, bytes] = encodeValue(value)
    const head = Uint8Array.of(((id - previousId) << 4) | type)
    previousId = id
    return [head, bytes]
  })
  return concatBytes([...parts, Uint8Array.of(0)])
}

function encodeValue(value: Field[1]): [type: number, bytes: Uint8Array] {
  if (typeof value === 'number') return [5, zigzag(BigInt(value))]
  if (typeof value === 'bigint') return [6, zigzag(value)]
  if (typeof value === 'string') return [8, text(value)]
  return value instanceof Uint8Array ? [12, value] : [9, value.list]
}

function list(type: number, elements: readonly Uint8Array[]): List {
  return { list: concatBytes([Uint8Array.of((elements.length << 4) | type), ...elements]) }
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value)
  return concatBytes([Uint8Array.of(bytes.length), bytes])
}

function zigzag(value: bigint): Uint8Array {
  const bytes: number[] = []
  let remaining = value >= 0n ? value * 2n : -value * 2n - 1n
  for (; remaining >= 128n; remaining /= 128n) bytes.push(Number(remaining % 128n) + 128)
  return Uint8Array.from([...bytes, Number(remaining)])
}

function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const output = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    output.set(part, at)
    at += part.length
  }
  return output
}
