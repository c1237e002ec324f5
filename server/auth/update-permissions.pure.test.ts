import { describe, expect, test } from 'vitest'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { permissionForUpdates } from './update-permissions'

const snapshot = sampleSnapshot(0)
const { snapshotId } = snapshot
const addSnapshot: TableUpdate = { action: 'add-snapshot', snapshot }
const refTo = (type: 'branch' | 'tag', target = snapshotId): TableUpdate => ({
  action: 'set-snapshot-ref',
  refName: 'x',
  type,
  snapshotId: target,
})

describe('permissionForUpdates', () => {
  test.each<TableUpdate>([
    { action: 'remove-snapshots', snapshotIds: ['1'] },
    { action: 'remove-snapshot-ref', refName: 'x' },
    { action: 'remove-statistics', snapshotId: '1' },
    { action: 'remove-partition-statistics', snapshotId: '1' },
    { action: 'remove-partition-specs', specIds: [1] },
    { action: 'remove-schemas', schemaIds: [1] },
    { action: 'remove-encryption-key', keyId: 'k' },
  ])('$action needs maintenance, because no later commit brings it back', (update) => {
    expect(permissionForUpdates([update])).toBe('table:maintain')
    expect(permissionForUpdates([addSnapshot, update])).toBe('table:maintain')
  })

  test.each<TableUpdate>([
    addSnapshot,
    { action: 'remove-properties', removals: ['a'] },
    { action: 'set-location', location: 's3://b/t' },
    { action: 'set-current-schema', schemaId: 1 },
    { action: 'add-encryption-key', encryptionKey: {} },
    refTo('tag'),
  ])('$action needs to write only', (update) => {
    expect(permissionForUpdates([update])).toBe('table:write')
  })

  test('A branch moves to a snapshot of the same commit for a writer, and to any other by maintenance', () => {
    expect(permissionForUpdates([addSnapshot, refTo('branch')])).toBe('table:write')
    expect(permissionForUpdates([refTo('branch')])).toBe('table:maintain')
    expect(permissionForUpdates([addSnapshot, refTo('branch', '77')])).toBe('table:maintain')
    expect(permissionForUpdates([addSnapshot, refTo('branch', snapshot.parentSnapshotId ?? '0')])).toBe(
      'table:maintain',
    )
  })
})
