import { expect, it } from 'vitest'
import { describeReach } from './bulk-reach'

it('says how many of its tables a run changed, and what became of the others', () => {
  expect(describeReach('write', { changed: 92, failed: 2, left: 506 }, 600)).toBe(
    '92 of 600 tables were changed; the others stay as they are.',
  )
  expect(describeReach('write', { changed: 1, proposed: 2, unknown: 1 }, 4)).toBe(
    '1 of 4 tables was changed; 2 were proposed; the outcome of 1 is not known.',
  )
  expect(describeReach('commit-proposals', { proposed: 1 }, 1)).toBe('No table was changed.')
})

it('says so of a preview and of an undo, too', () => {
  expect(describeReach('preview', { ready: 3, unchanged: 1, failed: 1, left: 1 }, 6)).toBe(
    '5 of 6 tables were previewed; the others stay as they are.',
  )
  expect(describeReach('undo', { undone: 1, 'not-undone': 2 }, 3)).toBe(
    '1 of 3 tables was restored; the others stay as they are.',
  )
})
