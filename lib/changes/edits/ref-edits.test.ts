import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { declarationIntents } from '../declaration/declaration-intents'
import { toDeclaration } from '../declaration/to-declaration'
import { type Intent, intentEffects, intentSentence } from '../intents/intent'
import { changeForIntents, reverseIntents } from '../intents/intent-changes'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { type RefRetention, refNameProblem, retentionOf } from './ref-edits'

const [first] = SAMPLE_SNAPSHOT_IDS
const NONE: RefRetention = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
const main: SnapshotRef = { type: 'branch', snapshotId: SAMPLE_SNAPSHOT_IDS[3] }
const { main: _main, ...otherRefs } = sampleMetadata().refs
const sample = sampleMetadata({ refs: { ...otherRefs, main } })

const withAge: TableMetadata = { ...sample, refs: { ...sample.refs, main: { ...main, maxRefAgeMs: 5 } } }
const retain = (metadata: TableMetadata, changes: Partial<RefRetention>, refName = 'main'): Intent => {
  const base = retentionOf(metadata.refs[refName] ?? main)
  return { kind: 'set-ref-retention', refName, retention: { ...base, ...changes }, base }
}
const updateOf = (metadata: TableMetadata, intent: Intent) => changeForIntents(metadata, [intent]).updates

describe('The name of a new branch or tag', () => {
  it.each([
    ['x'.repeat(256), 'cannot be the name of a tag: it has more than 255 characters'],
    ['a\u0000b', 'must not have line breaks or other control characters'],
    ['a\u202eb', 'a mark of direction'],
    ['..', 'it is a relative path'],
    [' ', 'must not be empty'],
  ])('%j is refused', (name, problem) => {
    expect(refNameProblem(name, 'tag')).toContain(problem)
    const create: Intent = { kind: 'create-ref', refName: name, type: 'tag', snapshotId: first, retention: NONE }
    expect(catchAppError(() => updateOf(sample, create))).toMatchObject({ code: 'invalid-request' })
    const [refName = ''] = Object.keys(sample.refs).filter((one) => one !== 'main')
    const snapshotId = sample.refs[refName]?.snapshotId ?? ''
    const rename: Intent = { kind: 'rename-ref', refName, snapshotId, name }
    expect(catchAppError(() => updateOf(sample, rename))).toMatchObject({ code: 'invalid-request' })
  })

  it('is reviewed with how long it is retained', () => {
    const create = { kind: 'create-ref', refName: 'x', type: 'tag', snapshotId: first, retention: NONE } as const
    expect(intentEffects(create)).toBe('No file is written. Its snapshot is kept as long as it exists.')
    const retained = { ...create, retention: { ...NONE, maxRefAgeMs: 30 * 86_400_000 } }
    expect(intentEffects(retained)).toContain('an expiry removes the tag when that snapshot is more than 30 days old')
    expect(intentSentence(retained)).toContain('and keep it for 30 days')
  })

  it('may have 255 characters, and what other programs gave can go', () => {
    expect(refNameProblem('x'.repeat(255), 'branch')).toBeNull()
    const name = `${'x'.repeat(300)}\u202e`
    const metadata = { ...sample, refs: { ...sample.refs, [name]: { type: 'tag' as const, snapshotId: first } } }
    const drop: Intent = { kind: 'drop-ref', refName: name, type: 'tag', snapshotId: first, safetyTag: null }
    expect(updateOf(metadata, drop)).toEqual([{ action: 'remove-snapshot-ref', refName: name }])
  })
})

describe('main, which never expires,', () => {
  const refusal = 'main never expires, so max-ref-age-ms has no effect on it and cannot be set.'

  it('gets no age, from a file neither, but a number and an age of snapshots', () => {
    for (const metadata of [sample, withAge])
      expect(catchAppError(() => updateOf(metadata, retain(metadata, { maxRefAgeMs: 7 }))).message).toBe(refusal)
    const intents = declarationIntents(sample, { refs: { main: { 'max-ref-age-ms': 7 } } })
    expect(catchAppError(() => changeForIntents(sample, intents)).message).toBe(refusal)
    expect(updateOf(sample, retain(sample, { minSnapshotsToKeep: 3, maxSnapshotAgeMs: 9 }))).toMatchObject([
      { refName: 'main', minSnapshotsToKeep: 3, maxSnapshotAgeMs: 9 },
    ])
    const other: Intent = { kind: 'create-ref', refName: 'b', type: 'branch', snapshotId: first, retention: NONE }
    expect(updateOf(sample, { ...other, retention: { ...NONE, maxRefAgeMs: 7 } })).toMatchObject([{ maxRefAgeMs: 7 }])
  })

  it('keeps the age that another program gave it until that is removed', () => {
    expect(declarationIntents(withAge, toDeclaration(withAge))).toEqual([])
    expect(updateOf(withAge, retain(withAge, { minSnapshotsToKeep: 3 }))).toMatchObject([{ maxRefAgeMs: 5 }])
    const [removal] = updateOf(withAge, retain(withAge, { maxRefAgeMs: null }))
    expect(removal).not.toHaveProperty('maxRefAgeMs')
  })

  it('does not get it back by an undo, which restores the rest', () => {
    expect(reverseIntents(withAge, sample, [retain(withAge, { maxRefAgeMs: null })])).toBeNull()
    expect(
      reverseIntents(withAge, sample, [retain(withAge, { maxRefAgeMs: null, minSnapshotsToKeep: 3 })]),
    ).toMatchObject([{ retention: NONE, base: { minSnapshotsToKeep: 3 } }])
    const retained = reverseIntents(withAge, sample, [retain(withAge, { minSnapshotsToKeep: 3 })])
    expect(retained).toMatchObject([{ retention: { ...NONE, maxRefAgeMs: 5 } }])
  })
})
