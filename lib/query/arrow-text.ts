import type { Data } from 'apache-arrow'

/** Arrow's own decoder drops a leading U+FEFF as a byte order mark. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** A value of a column of texts, which must not be null. */
export function readArrowText({ values, valueOffsets }: Data, index: number): string {
  return UTF8.decode(values.subarray(Number(valueOffsets[index]), Number(valueOffsets[index + 1])))
}
