import { expect, it } from 'vitest'
import { PROPOSAL_TITLE, toProposalTitle } from './proposal-title'

it.each([
  ['set owner to ada', 'set owner to ada'],
  ['  two\nlines\u202e and\u0000 more\t', 'two lines and more'],
  ['x'.repeat(300), `${'x'.repeat(199)}…`],
  ['😀'.repeat(300), `${'😀'.repeat(199)}…`],
  [`${'x'.repeat(198)} ${'y'.repeat(9)}`, `${'x'.repeat(198)}…`],
])('makes a title of %j', (text, title) => {
  expect(toProposalTitle(text)).toBe(title)
  expect(title).toMatch(PROPOSAL_TITLE)
})

it('makes no title of invisible text', () => {
  expect(toProposalTitle('\u200b\n\u2028')).toBe('')
  expect('').not.toMatch(PROPOSAL_TITLE)
})
