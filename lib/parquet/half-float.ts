/** @throws {RangeError} for another length than two bytes */
export function halfFloat(view: DataView): number {
  if (view.byteLength !== 2) throw new RangeError('a half of another length')
  const bits = view.getUint16(0, true)
  const sign = bits >> 15 === 0 ? 1 : -1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
