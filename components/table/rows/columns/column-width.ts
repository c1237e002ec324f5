import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type } from '@/lib/iceberg/schema/types'

/** Width of a character in the grid's fonts, in pixels: Inter's tabular figures at 12.5 px, JetBrains Mono at 12 px. */
export const FIGURE_PX = 8.11
export const MONO_PX = 7.1
/** For the header: the name at 12 px and weight 600, the type in mono at 11 px, and the note after a gap. */
const NAME_PX = 7.5
const TYPE_PX = 6.6
const NOTE_PX = 6
const NOTE_GAP_PX = 6
/** Padding of a cell, left and right together. */
export const PADDING_PX = 20

const MAX_HEADER_PX = 280
const TEXT_PX = 168
const NESTED_PX = 280

/**
 * Initial width of a column, in pixels. It fits every value of a type with a maximum text length (ids, decimals,
 * times), most values of other types, and both lines of the header up to 280 px.
 */
export function columnWidth({
  name,
  type,
  typeLabel,
  note = '',
}: {
  name: string
  type: Type
  typeLabel: string
  note?: string
}): number {
  const notePx = note === '' ? 0 : NOTE_GAP_PX + note.length * NOTE_PX
  const headerPx = PADDING_PX + Math.max(name.length * NAME_PX, typeLabel.length * TYPE_PX + notePx)
  return Math.ceil(Math.max(valueWidth(type), Math.min(MAX_HEADER_PX, headerPx)))
}

function valueWidth(type: Type): number {
  if (typeof type !== 'string') return NESTED_PX
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return figureTextPx('false')
    case 'int':
      return figureTextPx('-2147483648')
    case 'long':
      return figureTextPx('-9223372036854775808')
    case 'float':
      return figureTextPx('-1.17549435e-38')
    case 'double':
      // Fits values without an exponent; an exponent may add four characters.
      return figureTextPx('-122.38999938964844')
    case 'decimal':
      return figureTextPx(`-0.${'9'.repeat(primitive.precision)}`)
    case 'date':
      return monoTextPx('2001-03-06')
    case 'time':
      return monoTextPx('09:03:00.123456')
    case 'timestamp':
      return monoTextPx('2001-03-06 09:03:00.123456')
    case 'timestamptz':
      return monoTextPx('2001-03-06 09:03:00.123456+00:00')
    case 'timestamp_ns':
      return monoTextPx('2001-03-06 09:03:00.123456789')
    case 'timestamptz_ns':
      return monoTextPx('2001-03-06 09:03:00.123456789+00:00')
    case 'uuid':
      return monoTextPx('00112233-4455-6677-8899-aabbccddeeff')
    case 'fixed':
      return Math.min(NESTED_PX, monoTextPx('0x') + 2 * primitive.lengthBytes * MONO_PX)
    default:
      return TEXT_PX
  }
}

function figureTextPx(text: string): number {
  return PADDING_PX + text.length * FIGURE_PX
}

function monoTextPx(text: string): number {
  return PADDING_PX + text.length * MONO_PX
}
