import { expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { toDeclaration } from '../declaration/to-declaration'
import { isSafetyTagName, safetyTagName } from './safety-tag-name'

it('names a safety tag by its reason and the second in UTC', () => {
  const name = safetyTagName('move', Date.UTC(2026, 10, 24, 4, 5, 9, 999))
  expect(name).toBe('before-move-2026-11-24-040509')
  expect(isSafetyTagName(name)).toBe(true)
})

it.each(['before-move', 'before-release-2026-11-24-040509', 'before-move-2026-11-24-040509-kept', 'v1'])(
  'takes %s for the tag of a person',
  (name) => {
    expect(isSafetyTagName(name)).toBe(false)
  },
)

it('leaves a safety tag out of the file that describes a table, and no other ref', () => {
  const [snapshotId] = SAMPLE_SNAPSHOT_IDS
  const tag = { type: 'tag', snapshotId } as const
  const refs = {
    'before-move-2026-11-24-040509': tag,
    'before-move': tag,
    'before-undo-2026-11-24-040509': { ...tag, type: 'branch' },
  } as const
  expect(Object.keys(toDeclaration(sampleMetadata({ refs })).refs ?? {})).toEqual([
    'before-move',
    'before-undo-2026-11-24-040509',
  ])
})
