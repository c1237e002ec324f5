/**
 * Types of DuckDB that its Arrow output cannot carry in a form that can be shown: enumerations (a stream leaves out
 * their words), unsigned 128-bit integers, bits, intervals, numbers of any length. They are cast to text.
 */
const UNDISPLAYABLE_TYPES =
  /\b(?:ENUM\((?:'(?:[^']|'')*'(?:, )?)*\)|UHUGEINT|BIT|BIGNUM|VARINT|INTERVAL|TIME WITH TIME ZONE)/g

/** The type to cast a result's column to, so that it can be shown; null if no cast is needed. */
export function displayCastType(type: string): string | null {
  // A quoted field name is not a type.
  const castType = type
    .split(/("(?:[^"]|"")*")/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(UNDISPLAYABLE_TYPES, 'VARCHAR')))
    .join('')
  return castType === type ? null : castType
}
