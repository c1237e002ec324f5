import { expect, it } from 'vitest'
import { writeLikeOperators } from './like-operators'

it.each([
  ['(s ~~ p)', '(s LIKE p)'],
  ['(s !~~ p)', '(s NOT LIKE p)'],
  ['(s ~~* p) AND (t !~~* p)', '(s ILIKE p) AND (t NOT ILIKE p)'],
  ["(s ~~~ 'x*')", "(s GLOB 'x*')"],
  ["(lower(s) ~~ 'a ~~ b''s %')", "(lower(s) LIKE 'a ~~ b''s %')"],
  ['("a ~~ b" ~~ \'x ~~* %\')', '("a ~~ b" LIKE \'x ~~* %\')'],
  ['(a * b) ~~ c', '(a * b) LIKE c'],
  ['(~a + ~ ~b)', '(~a + ~ ~b)'],
  ['a ~~ b, c ~~', 'a LIKE b, c LIKE'],
  ['x > 1', 'x > 1'],
])('%s is written as %s', (expression, written) => {
  expect(writeLikeOperators(expression)).toBe(written)
})
