import { expect, it } from 'vitest'
import type { LoadSample } from '@/lib/contract/loads/load-sample'
import { estimateLoad } from './load-estimate'

const MIB = 1024 * 1024
const toPartition = (day: number) => ({ label: `day=${day}`, rowCount: 100, storedBytes: MIB / 16 })
const SAMPLE: LoadSample = {
  from: 'spread',
  inputBytes: 4 * MIB,
  rowsRead: 3_210,
  rowsRejected: 110,
  rejects: [],
  rejectedColumns: [],
  partitions: Array.from({ length: 31 }, (_, day) => toPartition(day)),
  partitionCount: 31,
  storedBytes: (31 * MIB) / 16,
  footerBytes: 0,
}
const file = (fileName: string, sizeBytes: number | null) => ({ fileName, sizeBytes })
const options = { files: [file('a.csv', 4096 * MIB)], targetBytes: 40 * MIB }

it('Figures of a sample count for all bytes of all files', () => {
  expect(estimateLoad(SAMPLE, options)).toMatchObject({
    isExact: false,
    rowsRead: 3_290_000,
    rowsRejected: 113_000,
    rowsAdded: 3_170_000,
    storedBytes: 31 * 64 * MIB,
    // Each day has 64 MiB, and a file at most 40.
    dataFiles: 62,
    isAtLeast: false,
  })
  const two = estimateLoad(SAMPLE, { ...options, files: [file('a.csv', 2048 * MIB), file('b.csv', 2048 * MIB)] })
  expect(two?.rowsRead).toBe(3_290_000)
})

it('A small file is counted, and has a file for each partition', () => {
  const whole = { ...SAMPLE, from: 'whole' } as const
  expect(estimateLoad(whole, { ...options, files: [file('a.csv', 4 * MIB)] })).toMatchObject({
    isExact: true,
    rowsRead: 3_210,
    rowsAdded: 3_100,
    dataFiles: 31,
  })
})

it('A file without a row that fits adds no file', () => {
  const none: LoadSample = { ...SAMPLE, from: 'whole', rowsRejected: 3_210, partitions: [], partitionCount: 1 }
  expect(estimateLoad(none, options)).toMatchObject({ rowsAdded: 0, dataFiles: 0, storedBytes: 0 })
})

it.each([
  { ...SAMPLE, from: 'beginning' } as const,
  { ...SAMPLE, partitionCount: 500, partitions: Array.from({ length: 400 }, (_, day) => toPartition(day)) },
])('More partitions may come than are in the sample: %#', (sample) => {
  const { isAtLeast, dataFiles } = estimateLoad(sample, { ...options, targetBytes: 512 * MIB }) ?? {}
  expect([isAtLeast, dataFiles]).toEqual([true, sample.partitionCount])
})

it('Files that say nothing about each other have no estimate', () => {
  const [plain] = options.files
  for (const other of [file('b.csv.gz', MIB), file('b.csv', null)])
    expect(estimateLoad(SAMPLE, { ...options, files: [...(plain ? [plain] : []), other] })).toBeNull()
})
