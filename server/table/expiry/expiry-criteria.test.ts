import { expect, it } from 'vitest'
import { expiryCriteria } from './preview-expiry'

it('Snapshots that are named alone expire without others that are old enough', () => {
  expect(expiryCriteria({ snapshotIds: ['7'] }, 1_000)).toEqual({ nowMs: 1_000, olderThanMs: 0, snapshotIds: ['7'] })
  expect(expiryCriteria({ snapshotIds: ['7'], maxAgeMs: 400 }, 1_000)).toMatchObject({ olderThanMs: 600 })
  expect(expiryCriteria({ snapshotIds: ['7'], retainLast: 2 }, 1_000)).toEqual({
    nowMs: 1_000,
    retainLast: 2,
    snapshotIds: ['7'],
  })
  expect(expiryCriteria({}, 1_000)).toEqual({ nowMs: 1_000 })
})
