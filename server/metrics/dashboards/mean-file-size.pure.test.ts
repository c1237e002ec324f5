import { describe, expect, it } from 'vitest'
import { sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { meanFileSize } from './mean-file-size'

const adding = (files: number, bytes: number, more: Record<string, string> = {}) =>
  sampleSnapshot(0, {
    summary: { operation: 'append', 'added-data-files': String(files), 'added-files-size': String(bytes), ...more },
  })

describe('The mean file size', () => {
  it('is that of the files, not of the commits', () => {
    const commits = [adding(500, 500 * 968), adding(1, 100_968), adding(1, 968)]
    expect(meanFileSize(commits)).toEqual({ meanFileBytes: Math.round(968 + 100_000 / 502), meanFileCount: 502 })
    expect(meanFileSize([adding(500, 500 * 968)])).toEqual({ meanFileBytes: 968, meanFileCount: 500 })
  })

  it('covers no commit whose bytes include delete files, and none that lacks a count', () => {
    const { 'added-files-size': _bytes, ...withoutBytes } = adding(7, 0).summary
    const commits = [
      adding(2, 200),
      adding(1, 9_000, { 'added-delete-files': '3' }),
      sampleSnapshot(0, { summary: withoutBytes }),
    ]
    expect(meanFileSize(commits)).toEqual({ meanFileBytes: 100, meanFileCount: 2 })
  })

  it('is null without files', () => {
    expect(meanFileSize([])).toEqual({ meanFileBytes: null, meanFileCount: 0 })
    expect(meanFileSize([adding(0, 0)])).toEqual({ meanFileBytes: null, meanFileCount: 0 })
  })
})
