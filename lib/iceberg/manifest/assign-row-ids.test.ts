import { describe, expect, test } from 'vitest'
import type { ManifestFile } from './manifest'
import { assignRowIds } from './assign-row-ids'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

const manifest = (overrides: Partial<ManifestFile>) => sampleManifest({ addedRowsCount: 0, ...overrides })
const idsOf = (manifests: readonly ManifestFile[]) => manifests.map(({ firstRowId }) => firstRowId)

describe('The rows of a snapshot', () => {
  test('get ids as in the specification’s example', () => {
    const { manifests, addedRows } = assignRowIds(
      [
        manifest({ addedRowsCount: 75, firstRowId: '925' }),
        manifest({ addedRowsCount: 100, existingRowsCount: 25 }),
        manifest({ existingRowsCount: 100 }),
        manifest({ addedRowsCount: 125, existingRowsCount: 25 }),
      ],
      '1000',
    )
    expect(idsOf(manifests)).toEqual(['925', '1000', '1125', '1225'])
    expect(addedRows).toBe('375')
  })

  test('get no ids in delete manifests or for deleted rows', () => {
    const unnumbered = [
      manifest({ content: 'deletes', addedRowsCount: 9 }),
      manifest({ deletedRowsCount: 5 }),
      manifest({}),
    ]
    const { manifests, addedRows } = assignRowIds(unnumbered, '7')
    expect(idsOf(manifests)).toEqual([null, '7', '7'])
    expect(addedRows).toBe('0')
  })

  test('get exact ids beyond 2^53', () => {
    const { manifests, addedRows } = assignRowIds(
      [manifest({ addedRowsCount: 1 }), manifest({ addedRowsCount: 2 })],
      '9007199254740993',
    )
    expect(idsOf(manifests)).toEqual(['9007199254740993', '9007199254740994'])
    expect(addedRows).toBe('3')
  })

  test('get no ids if the manifest does not state its row counts', () => {
    expect(() => assignRowIds([manifest({ existingRowsCount: null })], '0')).toThrow(
      expect.objectContaining({ code: 'not-supported' }),
    )
  })
})
