import { describe, expect, it } from 'vitest'
import { mayHaveInvisible, visibleParts, visibleText } from './visible-text'

const INVISIBLE_CODES = [
  0x00, 0x07, 0x08, 0x0b, 0x0c, 0x1b, 0x7f, 0x80, 0x85, 0x9f, 0xad, 0x034f, 0x061c, 0x115f, 0x180e, 0x200b, 0x200c,
  0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2064, 0x2066, 0x2067,
  0x2068, 0x2069, 0x206f, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfffb, 0x1d173, 0xe0001, 0xe0041, 0xe0100,
]

describe('A character that is not drawn', () => {
  it.each(INVISIBLE_CODES)('has a mark with its code: %i', (code) => {
    const mark = `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
    const text = `pay${String.fromCodePoint(code)}ee`
    expect(mayHaveInvisible(text)).toBe(true)
    expect(visibleText(text)).toBe(`pay${mark}ee`)
    expect(visibleParts(text)).toEqual([
      { text: 'pay', isQuiet: false },
      { text: mark, isQuiet: true },
      { text: 'ee', isQuiet: false },
    ])
  })

  it('is marked at the ends, several times, and among letters that read from the right', () => {
    expect(visibleText('\u202etxt.exe\u202c')).toBe('[U+202E]txt.exe[U+202C]')
    expect(visibleText('\u200d\u200da')).toBe('[U+200D][U+200D]a')
    expect(visibleText('שלום\u200f עולם\u200d')).toBe('שלום[U+200F] עולם[U+200D]')
    expect(visibleText('é\ufe0f\ufe0f')).toBe('é\ufe0f[U+FE0F]')
  })

  it('has a bounded number of marks of its own', () => {
    const parts = visibleParts('a\u202e'.repeat(5_000))
    expect(parts.length).toBeLessThan(50)
    expect(parts.map(({ text }) => text).join('')).toBe('a[U+202E]'.repeat(5_000))
  })
})

describe('Text that is drawn as it is written', () => {
  it.each([
    '',
    'plain text with\ttabs and\nlines\r\n',
    'Grüße, 東京, Ελλάδα, שלום, مرحبا',
    'می‌خواهم',
    'क्‍ष',
    '👩‍👩‍👧 👍🏽 ❤️‍🔥 🏴‍☠️ 1️⃣ ✈️',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    '葛\u{e0100}飾区',
    'a [U+202E] that is only written',
    '\ud83d alone',
  ])('has no marks: %j', (text) => {
    expect(visibleText(text)).toBe(text)
    expect(
      visibleParts(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })
})
