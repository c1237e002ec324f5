import { expect, test } from 'vitest'
import { joinSentences } from './sentence'

test.each([
  [
    ['Write demo.flights, or define one of that name', 'Correct it'],
    'Write demo.flights, or define one of that name. Correct it.',
  ],
  [['Did you mean delay?', 'Correct it and run it again.'], 'Did you mean delay? Correct it and run it again.'],
  [['It says "no."', ''], 'It says "no."'],
])('%j', (sentences, text) => {
  expect(joinSentences(...sentences)).toBe(text)
})
