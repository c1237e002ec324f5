import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { PlacedFile } from '../land/landing'
import { importFiles } from './import-files'

const MIB = 1024 * 1024

function placedFiles(count: number, fileSizeBytes: number): PlacedFile[] {
  return Array.from(
    { length: count },
    (_, i) =>
      ({ file: { stagedPath: `/staged/${i}`, fileSizeBytes }, dataFile: { filePath: `s3://b/${i}` } }) as PlacedFile,
  )
}

/** Counts the files that are moved at the same time. */
function slowStore() {
  const moved: string[] = []
  let moving = 0
  const store = {
    most: 0,
    moved,
    async importFile(_path: string, location: string) {
      moving += 1
      store.most = Math.max(store.most, moving)
      await setTimeout(5)
      moving -= 1
      moved.push(location)
    },
  }
  return store
}

test('Small files of a load are moved in parallel, and large ones one after another', async () => {
  const small = slowStore()
  await importFiles(small, placedFiles(100, MIB), new AbortController().signal)
  expect(small.moved).toHaveLength(100)
  expect(small.most).toBe(16)
  const large = slowStore()
  await importFiles(large, placedFiles(3, 9 * MIB), new AbortController().signal)
  expect(large.most).toBe(1)
})

test('A failed move is reported when no other file is being moved, and no further one begins', async () => {
  const begun: string[] = []
  let hasEnded = false
  const store = {
    async importFile(_path: string, location: string) {
      begun.push(location)
      if (location === 's3://b/1') throw new Error('the disk is full')
      await setTimeout(20)
      hasEnded = true
    },
  }
  await expect(importFiles(store, placedFiles(100, MIB), new AbortController().signal)).rejects.toThrow(
    'the disk is full',
  )
  expect(hasEnded).toBe(true)
  expect(begun.length).toBeLessThanOrEqual(16)
})

test('A cancelled load moves no further file', async () => {
  const controller = new AbortController()
  const store = {
    ...slowStore(),
    async importFile() {
      controller.abort(new Error('cancelled'))
    },
  }
  await expect(importFiles(store, placedFiles(3, 9 * MIB), controller.signal)).rejects.toThrow('cancelled')
})
