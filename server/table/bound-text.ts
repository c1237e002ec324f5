import 'server-only'
import { toHex } from '@/lib/iceberg/schema/byte-text'
import { tryDecodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { valueText } from '@/lib/scan/value-text'

/** A longer bound is cut off: more of it would not help a person. */
const MAX_BOUND_CHARS = 400

/** A bound of a manifest as text for people. Bytes that are not a value of the type are shown as they are. */
export function boundText(type: PrimitiveType | null, bytes: Uint8Array | null | undefined): string | null {
  if (!bytes) return null
  const text = type === null ? `0x${toHex(bytes)}` : typedText(type, bytes)
  return text.length > MAX_BOUND_CHARS ? `${text.slice(0, MAX_BOUND_CHARS)}…` : text
}

function typedText(type: PrimitiveType, bytes: Uint8Array): string {
  const value = tryDecodeSingleValue(type, bytes)
  return value === null ? `0x${toHex(bytes)} (not a value of type ${type})` : valueText(type, value, 'UTC')
}
