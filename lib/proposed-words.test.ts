import { expect, test } from 'vitest'
import { proposedSentence } from './proposed-words'

const words = (action: Parameters<typeof proposedSentence>[0]['action']) => proposedSentence({ intents: [], action })

test('names what is proposed', () => {
  const owner = { kind: 'set-property', key: 'owner', value: 'ada', base: null } as const
  const note = { kind: 'remove-property', key: 'note', base: 'x' } as const
  expect(proposedSentence({ intents: [owner, note], action: null })).toMatch(/owner.* · .*note/)
  expect(words({ kind: 'publish', snapshotId: '7', branch: 'audit' })).toBe('Publish audit at snapshot 7')
  expect(words({ kind: 'publish', snapshotId: '7', branch: null })).toBe('Publish the staged snapshot 7')
  expect(words({ kind: 'cherry-pick', snapshotId: '7', branch: 'main' })).toBe('Cherry-pick snapshot 7 onto main')
})

test('says which snapshots would expire', () => {
  const day = 86_400_000
  expect(words({ kind: 'expire', removeFilesAfterMs: null })).toBe(
    'Expire snapshots older than the table’s settings say, files stay',
  )
  expect(words({ kind: 'expire', maxAgeMs: 7 * day, retainLast: 3, removeFilesAfterMs: day })).toMatch(
    /^Expire snapshots older than .+, at least 3 of each branch stay, files go .+ later$/,
  )
  expect(words({ kind: 'expire', olderThanMs: 0, snapshotIds: ['1', '2', '3', '4'] })).toBe(
    'Expire snapshots 1, 2, 3 and 1 more',
  )
  expect(words({ kind: 'expire', olderThanMs: Date.UTC(2026, 0, 2) })).toBe(
    'Expire snapshots from before 2026-01-02T00:00:00.000Z',
  )
})
