import fc from 'fast-check'

const MAX_CODE_POINT = 0x10ffff
const isSurrogate = (codePoint: number) => codePoint >= 0xd800 && codePoint <= 0xdfff

/**
 * Texts of any characters: what `fc.string({ unit: 'binary' })` makes, which spends a second per process on a table of
 * all of them.
 */
export function anyText(constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  const unit = fc
    .integer({ min: 0, max: MAX_CODE_POINT })
    .filter((codePoint) => !isSurrogate(codePoint))
    .map((codePoint) => String.fromCodePoint(codePoint))
  return fc.string({ unit, ...constraints })
}
