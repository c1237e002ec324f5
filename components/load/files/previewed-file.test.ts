import { expect, it } from 'vitest'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { findPreviewed } from './previewed-file'

const MIB = 1024 * 1024
const upload = (uploadId: string, sizeBytes: number, storedBytes: number) => ({
  uploadId,
  sizeBytes,
  storedBytes,
  state: 'sending' as const,
})

it.each<[InputFormat, string | null]>([
  ['csv', 'begun'],
  ['ndjson', 'begun'],
  ['avro', 'beginning'],
  ['json', 'beginning'],
  ['parquet', 'complete'],
  ['arrow', 'complete'],
])('The first file that can be previewed as %s is the one that is %s', (format, expected) => {
  const files = [
    { ...upload('waits', MIB, 0), state: 'waiting' as const },
    { ...upload('failed', MIB, MIB / 2), state: 'failed' as const },
    upload('begun', MIB, MIB / 2),
    upload('beginning', 9 * MIB, 4 * MIB),
    { ...upload('complete', MIB, 0), state: 'complete' as const },
  ]
  expect(findPreviewed(files, format)?.uploadId).toBe(expected)
})

it.each([
  ['its first bytes', upload('u', MIB, 1), false],
  ['the first 4 MiB', upload('u', 9 * MIB, 4 * MIB), true],
  ['all of it', { ...upload('u', MIB, 0), state: 'complete' as const }, true],
])('More of a text is read again when there is more: with %s', (_, file, hasBeginning) => {
  expect(findPreviewed([file], 'csv')).toEqual({ uploadId: 'u', hasBeginning })
})
