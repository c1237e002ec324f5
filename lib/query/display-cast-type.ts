/**
 * Types of DuckDB that its Arrow form does not carry so that they could be shown: enumerations (a stream leaves out
 * their words), unsigned 128-bit integers, bits, intervals, numbers of any length. They are asked for as text.
 */
const UNDISPLAYABLE_TYPES =
  /\b(?:ENUM\((?:'(?:[^']|'')*'(?:, )?)*\)|UHUGEINT|BIT|BIGNUM|VARINT|INTERVAL|TIME WITH TIME ZONE)/g

/** What to cast a result's column to, so that it can be shown; null where it can be as it is. */
export function displayCastType(type: string): string | null {
  // A field's name in quotes is no type.
  const castType = type
    .split(/("(?:[^"]|"")*")/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(UNDISPLAYABLE_TYPES, 'VARCHAR')))
    .join('')
  return castType === type ? null : castType
}
