import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyText } from '@/testing/any-text'
import { propertyRuns } from '@/testing/property-cases'
import { quoteWithBackticks, commentText, javaPropertyText, pythonString, shellWord } from './quoting'

/** Realistic names, and hostile ones: quotes of every kind, escapes, line breaks, characters beyond ASCII. */
const names = fc.oneof(
  anyText({ maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      "'",
      '"',
      '`',
      '\\',
      '$',
      '#',
      '!',
      '=',
      ':',
      ' ',
      '\n',
      '\r',
      '\t',
      'é',
      '\u2028',
      '😀',
    ),
    maxLength: 20,
  }),
)

it('a word of a shell is read back unchanged by the shell', () => {
  // No program argument can contain a NUL, and an unpaired surrogate has no bytes.
  const printableNames = fc.array(
    names.filter((name) => !name.includes('\0') && name.isWellFormed()),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(printableNames, (texts) => {
      const script = texts.map((text) => `printf '%s\\0' ${shellWord(text)}`).join('\n')
      const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
      expect(printed.split('\0').slice(0, -1)).toEqual(texts)
    }),
    propertyRuns(20),
  )
})

it('the value of a properties file is read back unchanged, from ASCII bytes on one line', () => {
  fc.assert(
    fc.property(names, (name) => {
      const quoted = javaPropertyText(name)
      expect(quoted).toMatch(/^[\x20-\x7e]*$/)
      expect(readProperty(`key=${quoted}`)).toBe(name)
    }),
    propertyRuns(),
  )
})

it('text of Python has no unescaped quote or line break', () => {
  fc.assert(
    fc.property(names, (name) => {
      const quoted = pythonString(name)
      expect(quoted).toMatch(/^"(?:[^"\\\n\r]|\\["\\bfnrt]|\\u[0-9a-f]{4})*"$/u)
    }),
    propertyRuns(),
  )
})

it('an identifier in backticks ends only at its closing backtick', () => {
  fc.assert(
    fc.property(names, (name) => {
      const content = quoteWithBackticks(name).slice(1, -1)
      expect(content.replaceAll('``', '')).not.toContain('`')
      expect(content.replaceAll('``', '`')).toBe(name)
    }),
    propertyRuns(),
  )
})

it('a comment stays on its line', () => {
  fc.assert(
    fc.property(names, (name) => {
      expect(commentText(name)).not.toMatch(/[\n\r\v\f\u0085\u2028\u2029]/)
    }),
    propertyRuns(),
  )
})

/** By the rules of `java.util.Properties`, for one line without a continuation. */
function readProperty(line: string): string {
  const value = line.slice(line.indexOf('=') + 1).replace(/^[ \t\f]+/, '')
  const plain: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' }
  return value.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, escaped: string) =>
    escaped.startsWith('u') ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : (plain[escaped] ?? escaped),
  )
}
