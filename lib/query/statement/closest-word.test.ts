import { expect, test } from 'vitest'
import { closestWord } from './closest-word'

const WORDS = ['SELECT', 'WITH', 'FROM', 'DESCRIBE', 'SHOW']

test.each([
  ['SELCT', 'SELECT'],
  ['SLEECT', 'SELECT'],
  ['FORM', 'FROM'],
  ['DESCIRB', 'DESCRIBE'],
  ['ATTACH', null],
  ['BEGIN', null],
  ['SET', null],
])('%s is probably %s', (written, word) => {
  expect(closestWord(written, WORDS)).toBe(word)
})
