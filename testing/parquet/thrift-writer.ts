/**
 * Writes Thrift's compact protocol, for footers and page headers made by hand. Written from the protocol's
 * specification, *thrift-compact-protocol.md*, and shares nothing with the reader that it tests.
 */

export type Written =
  | { type: 'bool'; value: boolean }
  | { type: 'int'; value: number }
  | { type: 'bytes'; value: Uint8Array }
  | { type: 'list'; items: readonly Written[] }
  | { type: 'struct'; fields: Fields }

/** Values by field number. */
export type Fields = Readonly<Record<number, Written | undefined>>

export const bool = (value: boolean): Written => ({ type: 'bool', value })
export const int = (value: number): Written => ({ type: 'int', value })
export const text = (value: string): Written => ({ type: 'bytes', value: new TextEncoder().encode(value) })
export const binary = (value: readonly number[]): Written => ({ type: 'bytes', value: Uint8Array.from(value) })
export const list = (...items: readonly Written[]): Written => ({ type: 'list', items })
export const struct = (fields: Fields): Written => ({ type: 'struct', fields })

/** Type numbers of the protocol. All integers are written as i64, which a reader of a smaller one accepts. */
const TYPES = { int: 6, bytes: 8, list: 9, struct: 12 } as const

export function writeStruct(fields: Fields): Uint8Array {
  return Uint8Array.from(structBytes(fields))
}

function structBytes(fields: Fields): number[] {
  const bytes: number[] = []
  let last = 0
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue
    const field = Number(key)
    const type = value.type === 'bool' ? (value.value ? 1 : 2) : TYPES[value.type]
    const step = field - last
    // A short step is in the header; otherwise the field number follows as a zigzag integer.
    if (step >= 1 && step <= 15) bytes.push((step << 4) | type)
    else bytes.push(type, ...zigzag(field))
    last = field
    if (value.type !== 'bool') bytes.push(...valueBytes(value))
  }
  return [...bytes, 0]
}

function valueBytes(value: Written): number[] {
  switch (value.type) {
    case 'bool':
      return [value.value ? 1 : 2]
    case 'int':
      return zigzag(value.value)
    case 'bytes':
      return [...varint(BigInt(value.value.length)), ...value.value]
    case 'struct':
      return structBytes(value.fields)
    case 'list': {
      const { items } = value
      const first = items[0]
      const type = first === undefined || first.type === 'bool' ? 1 : TYPES[first.type]
      const header = items.length < 15 ? [(items.length << 4) | type] : [0xf0 | type, ...varint(BigInt(items.length))]
      return [...header, ...items.flatMap(valueBytes)]
    }
  }
}

function zigzag(value: number): number[] {
  const wide = BigInt(value)
  return varint(wide < 0n ? -2n * wide - 1n : 2n * wide)
}

export function varint(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)]
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}
