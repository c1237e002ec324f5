import { expect, test } from 'vitest'
import { nameAtCursor } from './completion'

const CLOCK = { nowMs: 0 }

function nameAt(text: string) {
  const cursor = text.indexOf('|')
  const name = nameAtCursor(text.replace('|', ''), cursor, CLOCK)
  return name && { qualifier: name.qualifier, written: text.slice(name.from, cursor) }
}

test.each([
  ['select | from a.t', [], ''],
  ['select de| from a.t', [], 'de'],
  ['select f.| from a.t f', ['f'], ''],
  ['select f.de| from a.t f', ['f'], 'de'],
  ['from local."my ns".fl|', ['local', 'my ns'], 'fl'],
  ['from demo.|', ['demo'], ''],
  ['select 1; from de|', [], 'de'],
  ['|', [], ''],
])('%s', (text, qualifier, written) => {
  expect(nameAt(text)).toEqual({ qualifier, written })
})

test('nothing is completed inside strings and numbers', () => {
  expect(nameAt("select 'a|b'")).toBeNull()
  expect(nameAt('select 12|')).toBeNull()
})

test('tables of the statement are known, also while it is incomplete', () => {
  const text = 'select f. from demo.flights f where'
  expect(nameAtCursor(text, 9, CLOCK)?.references).toMatchObject([{ parts: ['demo', 'flights'], alias: 'f' }])
  expect(nameAtCursor("select x from demo.flights for timestamp as of 'x", 8, CLOCK)?.references).toEqual([])
})
