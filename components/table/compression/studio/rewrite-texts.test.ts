import { describe, expect, it } from 'vitest'
import type { RewritePreview } from '@/lib/contract/table/rewrites'
import { deletesTexts, filesText, savingsText, timeText } from './rewrite-texts'

const MIB = 1024 * 1024
const PREVIEW: RewritePreview = {
  fileCount: 20,
  fileBytes: 200 * MIB,
  readFileCount: 20,
  differingFileCount: 3,
  differingFileBytes: 30 * MIB,
  positionDeletedFileCount: 0,
  equalityDeletedFileCount: 0,
  deleteFormat: 'position-deletes',
  maxFilesPerRun: 1000,
  maxBytesPerRun: 64 * 1024 * MIB,
  skipped: [],
  differingColumnCount: 2,
  trialColumnCount: 2,
  trialStoredBytes: 20 * MIB,
  trialProjectedBytes: 15 * MIB,
  trialErrorBytes: 0,
  bytesPerSecond: 10 * MIB,
  isSpeedOfTable: true,
  isSpeedOfCodecs: true,
  speedCodecs: 'zstd 3',
  storagePrice: null,
}

describe('The preview of a rewrite', () => {
  it('says how many files, and that there may be more when not all were looked at', () => {
    expect(filesText(PREVIEW)).toBe('3 files, 30.0 MiB')
    expect(filesText({ ...PREVIEW, readFileCount: 10 })).toBe('at least 3 files, 30.0 MiB')
    expect(filesText({ ...PREVIEW, differingFileCount: 0, readFileCount: 10 })).toBe('no file')
  })

  it('says how many files have deletes, and what happens to them', () => {
    expect(deletesTexts(PREVIEW)).toEqual([])
    const [byPosition, byEquality] = deletesTexts({
      ...PREVIEW,
      positionDeletedFileCount: 2,
      equalityDeletedFileCount: 1,
    })
    expect(byPosition).toMatch(/^2 files with rows deleted by position: .* as position delete files,/)
    expect(byEquality).toMatch(/^1 file with rows deleted by equality: these deletes stay/)
    const [vectors] = deletesTexts({ ...PREVIEW, positionDeletedFileCount: 1, deleteFormat: 'deletion-vectors' })
    expect(vectors).toContain('as deletion vectors,')
  })

  it('projects the size from trials, and says of how many columns', () => {
    expect(savingsText(PREVIEW)).toBe('saves about 5.00 MiB (25.0% of 2 columns)')
    expect(savingsText({ ...PREVIEW, trialErrorBytes: MIB })).toBe(
      'saves about 5.00 MiB ± 1.00 MiB (25.0% of 2 columns)',
    )
    expect(savingsText({ ...PREVIEW, trialProjectedBytes: 30 * MIB, differingColumnCount: 5 })).toBe(
      'adds about 10.0 MiB (50.0% of the 2 of 5 columns that have a trial)',
    )
    const storagePrice = { perTbMonth: 20_000, currency: 'USD' }
    expect(savingsText({ ...PREVIEW, storagePrice })).toBe('saves about 5.00 MiB, −$0.10 a month (25.0% of 2 columns)')
    const small = { ...PREVIEW, differingFileCount: 80, trialStoredBytes: 6_752, trialProjectedBytes: 4_080 }
    expect(savingsText(small)).toBe(
      'unknown: the pages shrink by about 33 B a file, and footers and indexes may change by more',
    )
    expect(savingsText({ ...PREVIEW, trialColumnCount: 0, trialStoredBytes: 0 })).toMatch(/^unknown/)
  })

  it('takes the time from a rewrite to the same codecs, otherwise it is unknown', () => {
    expect(timeText(PREVIEW)).toBe('≈ 3.0 s, as fast as the last one')
    expect(timeText({ ...PREVIEW, isSpeedOfTable: false })).toContain('of another table')
    expect(timeText({ ...PREVIEW, bytesPerSecond: null })).toMatch(/^unknown/)
    expect(timeText({ ...PREVIEW, isSpeedOfCodecs: false })).toBe(
      'unknown for the codecs that are set; the last one, which wrote zstd 3, would take ≈ 3.0 s',
    )
    expect(timeText({ ...PREVIEW, isSpeedOfCodecs: false, speedCodecs: null })).toContain('perhaps other codecs')
  })
})
