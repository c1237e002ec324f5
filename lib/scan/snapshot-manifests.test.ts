import { expect, it } from 'vitest'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { toScanOrder } from './snapshot-manifests'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

const manifest = (manifestPath: string, minSequenceNumber: number, sequenceNumber: number) =>
  sampleManifest({ manifestPath, minSequenceNumber, sequenceNumber })

const namesInOrder = (manifests: readonly ManifestFile[]) =>
  toScanOrder(manifests).map(({ manifestPath }) => manifestPath)

it('Rows stay where they are when a commit merges the manifests of older files, or writes one of them again', () => {
  const before = [manifest('june', 4, 4), manifest('may', 2, 2), manifest('april', 1, 1)]
  expect(namesInOrder(before)).toEqual(['april', 'may', 'june'])
  const after = [manifest('july', 5, 5), manifest('june, rewritten', 4, 5), manifest('april and may', 1, 5)]
  expect(namesInOrder(after)).toEqual(['april and may', 'june, rewritten', 'july'])
})

it('Manifests with files of the same commit follow in the order of their own commits, then of the list', () => {
  expect(namesInOrder([manifest('c', 1, 3), manifest('a', 1, 1), manifest('b', 1, 1)])).toEqual(['a', 'b', 'c'])
})
