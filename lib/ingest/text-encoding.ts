import { AppError } from '@/lib/errors'
import type { CsvOptions } from './csv-options'

/** Texts of other encodings, as the UTF-8 that the readers of records expect. */

type TextEncoding = CsvOptions['encoding']

/** Bytes of another encoding are looked for in as many of the first bytes. */
const MAX_LOOKED_BYTES = 1024 * 1024
/** Zero bytes of UTF-16 without a byte order mark are counted in as many of the first bytes. */
const MAX_COUNTED_BYTES = 1024

const ENCODING_LABELS: Readonly<Record<TextEncoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
  'windows-1252': 'Windows-1252',
  'windows-1250': 'Windows-1250',
  'iso-8859-2': 'ISO 8859-2',
}

/**
 * Converts chunks of a file to UTF-8. UTF-8 itself is returned unchanged, unless it begins as UTF-16: its lines can be
 * found although some of them are invalid. Lines of UTF-16 are found only after it is decoded, so an invalid sequence
 * ends the reading.
 *
 * @param isTruncated whether the chunks are only the beginning of a file, which may end inside a character
 * @throws {AppError} file-damaged, naming the line of an invalid sequence; invalid-request, naming the encoding that the
 *   beginning shows
 */
export function toUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding: TextEncoding,
  isTruncated = false,
): AsyncIterable<Uint8Array> {
  switch (encoding) {
    case 'utf-8':
      return withoutUtf16(chunks)
    case 'utf-16le':
    case 'utf-16be':
      return utf16ToUtf8(chunks, encoding, isTruncated)
    case 'windows-1250':
    case 'windows-1252':
    case 'iso-8859-2':
      return singleBytesToUtf8(chunks, encoding)
  }
}

async function* withoutUtf16(chunks: AsyncIterable<Uint8Array>) {
  let isFirst = true
  for await (const chunk of chunks) {
    if (isFirst) requireNoUtf16(chunk)
    isFirst = false
    yield chunk
  }
}

/** No text of UTF-8 begins with a byte order mark of UTF-16. */
function requireNoUtf16([first, second]: Uint8Array): void {
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null
  if (encoding === null) return
  throw new AppError(
    'invalid-request',
    `The file begins as ${ENCODING_LABELS[encoding]}, and is read as UTF-8. Set its encoding to ${encoding}.`,
    { facts: { encoding } },
  )
}

/**
 * The encoding in which a text may be meant that is read as UTF-8 and has other bytes: UTF-16 if every other byte is
 * zero, otherwise most often that of a western Windows. Null if it is UTF-8 as far as it is looked at, or has zero bytes,
 * which no text of a single-byte encoding has.
 */
export function findOtherEncoding(bytes: Uint8Array, { encoding }: Pick<CsvOptions, 'encoding'>): TextEncoding | null {
  if (encoding !== 'utf-8') return null
  const utf16 = findUtf16(bytes.subarray(0, MAX_COUNTED_BYTES))
  if (utf16 !== null) return utf16
  const looked = bytes.subarray(0, MAX_LOOKED_BYTES)
  try {
    // The last character may be cut.
    new TextDecoder('utf-8', { fatal: true }).decode(looked, { stream: true })
    return null
  } catch {
    return looked.includes(0) ? null : 'windows-1252'
  }
}

/** Most characters of a text have a high byte of zero; a text of zero bytes alone has them at either place. */
function findUtf16(bytes: Uint8Array): TextEncoding | null {
  const zeroCounts: [even: number, odd: number] = [0, 0]
  for (const [at, byte] of bytes.entries()) if (byte === 0) zeroCounts[at % 2 === 0 ? 0 : 1] += 1
  const [even, odd] = zeroCounts
  if (Math.max(even, odd) * 4 < bytes.length || Math.min(even, odd) * 8 > Math.max(even, odd)) return null
  return odd > even ? 'utf-16le' : even > odd ? 'utf-16be' : null
}

/** The bytes of a text that was decoded from the encoding. */
export function encodeText(text: string, encoding: TextEncoding): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text)
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const view = new DataView(new ArrayBuffer(text.length * 2))
    for (let i = 0; i < text.length; i += 1) view.setUint16(2 * i, text.charCodeAt(i), encoding === 'utf-16le')
    return new Uint8Array(view.buffer)
  }
  const decoder = new TextDecoder(encoding)
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(new Uint8Array([byte])), byte]))
  return Uint8Array.from(text, (character) => bytes.get(character) ?? 0x3f)
}

async function* singleBytesToUtf8(chunks: AsyncIterable<Uint8Array>, encoding: TextEncoding) {
  const [decoder, encoder] = [new TextDecoder(encoding), new TextEncoder()]
  for await (const chunk of chunks) yield encoder.encode(decoder.decode(chunk))
}

async function* utf16ToUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding: 'utf-16le' | 'utf-16be',
  isTruncated: boolean,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  const encoder = new TextEncoder()
  const highByte = encoding === 'utf-16le' ? 1 : 0
  let rest: Uint8Array = new Uint8Array()
  let line = 1
  let isFirst = true
  for await (const chunk of chunks) {
    const bytes: Uint8Array = rest.length === 0 ? chunk : joinBytes(rest, chunk)
    let end = bytes.length - (bytes.length % 2)
    // The first half of a pair waits for the second one.
    if (end > 0 && ((bytes[end - 2 + highByte] ?? 0) & 0xfc) === 0xd8) end -= 2
    const whole = bytes.subarray(0, end)
    rest = bytes.slice(end)
    if (whole.length === 0) continue
    let text = decode(whole, decoder, line, encoding)
    if (isFirst) {
      isFirst = false
      if (text.startsWith('\uFFFE')) throw otherByteOrderError(encoding)
      if (text.startsWith('\uFEFF')) text = text.slice(1)
    }
    line += countLineEnds(text)
    yield encoder.encode(text)
  }
  if (rest.length > 0 && !isTruncated) throw notEncodedError(line, encoding)
}

function decode(bytes: Uint8Array, decoder: TextDecoder, line: number, encoding: TextEncoding): string {
  try {
    return decoder.decode(bytes)
  } catch {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const unitAt = (index: number) =>
      index * 2 < bytes.length ? view.getUint16(index * 2, encoding === 'utf-16le') & 0xfc00 : 0
    let bad = 0
    while (bad * 2 < bytes.length) {
      if (unitAt(bad) === 0xd800 && unitAt(bad + 1) === 0xdc00) bad += 2
      else if (unitAt(bad) === 0xd800 || unitAt(bad) === 0xdc00) break
      else bad += 1
    }
    throw notEncodedError(line + countLineEnds(new TextDecoder(encoding).decode(bytes.subarray(0, bad * 2))), encoding)
  }
}

/** A text with line feeds has no other line ends; `\r\n` counts once. */
function countLineEnds(text: string): number {
  const end = text.includes('\n') ? '\n' : '\r'
  let count = 0
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) count += 1
  return count
}

function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}

function otherByteOrderError(encoding: TextEncoding): AppError {
  return new AppError(
    'file-damaged',
    `The file is not ${ENCODING_LABELS[encoding]}: its byte order mark is that of the other byte order. Choose that encoding.`,
    { facts: { encoding: encoding === 'utf-16le' ? 'utf-16be' : 'utf-16le' } },
  )
}

function notEncodedError(line: number, encoding: TextEncoding): AppError {
  return new AppError(
    'file-damaged',
    `Line ${line} is not ${ENCODING_LABELS[encoding]}: it has half a character. Choose the encoding of the file, or repair the line.`,
    { facts: { line } },
  )
}
