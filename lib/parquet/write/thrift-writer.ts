/**
 * Values of Thrift's compact protocol, with the integer types that strict readers expect.
 *
 * Spec: Apache Thrift, *thrift-compact-protocol.md*.
 */
export type ThriftValue =
  | { type: 'boolean'; value: boolean }
  | { type: 'i32' | 'i64'; value: number }
  | { type: 'text'; value: string }
  | { type: 'list'; element: Exclude<ThriftValue['type'], 'boolean'>; items: readonly ThriftValue[] }
  | { type: 'struct'; fields: ThriftFields }

/** Values by field number, in ascending order. */
export type ThriftFields = Readonly<Record<number, ThriftValue | undefined>>

export const thriftBoolean = (value: boolean): ThriftValue => ({ type: 'boolean', value })
export const i32 = (value: number): ThriftValue => ({ type: 'i32', value })
export const i64 = (value: number): ThriftValue => ({ type: 'i64', value })
export const thriftText = (value: string): ThriftValue => ({ type: 'text', value })
export const thriftStruct = (fields: ThriftFields): ThriftValue => ({ type: 'struct', fields })
export const thriftList = (
  element: Exclude<ThriftValue['type'], 'boolean'>,
  items: readonly ThriftValue[],
): ThriftValue => ({ type: 'list', element, items })

const TYPE_NUMBERS = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 } as const
const TRUE = 1
const FALSE = 2
const MAX_SHORT_STEP = 15
const MAX_SHORT_LIST = 14

export function writeThriftStruct(fields: ThriftFields): Uint8Array {
  const bytes: number[] = []
  appendStruct(bytes, fields)
  return Uint8Array.from(bytes)
}

function appendStruct(bytes: number[], fields: ThriftFields): void {
  let last = 0
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue
    const field = Number(key)
    const type = value.type === 'boolean' ? (value.value ? TRUE : FALSE) : TYPE_NUMBERS[value.type]
    const step = field - last
    if (step <= MAX_SHORT_STEP) bytes.push((step << 4) | type)
    else {
      bytes.push(type)
      appendZigzag(bytes, field)
    }
    last = field
    appendValue(bytes, value)
  }
  bytes.push(0)
}

function appendValue(bytes: number[], value: ThriftValue): void {
  switch (value.type) {
    case 'boolean':
      // It is in the header of its field.
      return
    case 'i32':
    case 'i64':
      return appendZigzag(bytes, value.value)
    case 'text': {
      const text = new TextEncoder().encode(value.value)
      appendVarint(bytes, text.length)
      for (const byte of text) bytes.push(byte)
      return
    }
    case 'struct':
      return appendStruct(bytes, value.fields)
    case 'list': {
      const { length } = value.items
      const type = TYPE_NUMBERS[value.element]
      if (length <= MAX_SHORT_LIST) bytes.push((length << 4) | type)
      else {
        bytes.push(0xf0 | type)
        appendVarint(bytes, length)
      }
      for (const item of value.items) appendValue(bytes, item)
    }
  }
}

/** Up to 2^52: offsets of files. */
function appendZigzag(bytes: number[], value: number): void {
  appendVarint(bytes, value < 0 ? -2 * value - 1 : 2 * value)
}

/** @param value not negative */
export function appendVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}
