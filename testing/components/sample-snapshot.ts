import type { Snapshot } from '@/lib/contract/table/snapshots'

const none = { added: null, removed: null }

/** A listed snapshot on `main`, the first of its table by default. */
export function listedSnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    snapshotId: '1',
    parentSnapshotId: null,
    sequenceNumber: 1,
    committedAtMs: 1_000,
    operation: 'append',
    writer: null,
    schemaId: 0,
    summary: {},
    refs: [],
    isOnMain: true,
    aheadCount: null,
    branch: 'main',
    cherryPickRefusal: 'on-branch',
    isReferenced: true,
    rows: none,
    files: none,
    bytes: none,
    ...overrides,
  }
}

/** Figures of the whole table in a list without a filter. */
export const UNFILTERED = { tableCount: 3, unreferencedCount: 0, operations: ['append'], writers: [] }
