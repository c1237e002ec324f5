const BYTES_PER_UNIT = new Map([
  ['', 1n],
  ['b', 1n],
  ['kb', 1000n],
  ['mb', 1000n ** 2n],
  ['gb', 1000n ** 3n],
  ['tb', 1000n ** 4n],
  ['kib', 1024n],
  ['mib', 1024n ** 2n],
  ['gib', 1024n ** 3n],
  ['tib', 1024n ** 4n],
])

/**
 * The exact number of bytes that a text means, as digits: `'134217728'`, `'128 MiB'` and `'128mib'` → `'134217728'`,
 * `'512 MB'` → `'512000000'`, `'1.5 KiB'` → `'1536'`.
 *
 * @returns null for any other text, and for a fraction of a byte
 */
export function parseBytes(text: string): string | null {
  const [, whole = '', fraction = '', unit = ''] = /^\s*(\d{1,18})(?:\.(\d{1,18}))?\s*([a-z]*)\s*$/i.exec(text) ?? []
  const bytesPerUnit = BYTES_PER_UNIT.get(unit.toLowerCase())
  if (whole === '' || bytesPerUnit === undefined) return null
  const scale = 10n ** BigInt(fraction.length)
  const scaledBytes = BigInt(whole + fraction) * bytesPerUnit
  return scaledBytes % scale === 0n ? String(scaledBytes / scale) : null
}
