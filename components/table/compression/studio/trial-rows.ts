import type { CodecTrial, CompressionSample, StoredColumn } from '@/lib/contract/table/compression'
import { formatBytes, formatBytesChange } from '@/lib/format/bytes'
import { formatMonthlyCostChange, type StoragePrice } from '@/lib/format/money'
import { formatPercent } from '@/lib/format/percent'
import { enginesWithout } from '@/lib/iceberg/properties/codec-readers'
import { compressionLabel } from '@/lib/iceberg/properties/column-compression'
import { type CompressionCodec, codecOf, isSameCompression } from '@/lib/iceberg/properties/compression'
import { formatList } from '@/lib/format/sentence'

/** The effect of a codec on a column, projected from the pages of a sample. */
export type TrialRow = {
  /** `zstd 9` */
  label: string
  codec: CompressionCodec
  level: number | null
  /** Size of the column in the files whose footers were read, projected from its stored size. */
  projectedBytes: number
  /** By how much the projection may be wrong; 0 if it is measured. */
  errorBytes: number
  /** By which its bytes differ from those now; 0.1: a tenth more. */
  change: number
  /** By how much the change may be wrong. */
  changeError: number
  encodeBytesPerS: number
  decodeBytesPerS: number
  /** Three of four measurements were as fast or faster; null if the sample does not have them. */
  slowEncodeBytesPerS: number | null
  slowDecodeBytesPerS: number | null
  isSet: boolean
}

export type Compression = { codec: CompressionCodec | null; level: number | null }

/** @param column as its footers describe it */
export function trialRows(
  sample: CompressionSample,
  column: Pick<StoredColumn, 'storedBytes' | 'encodedBytes'>,
  set: Compression,
): TrialRow[] {
  return sample.trials.flatMap((trial) => {
    const codec = codecOf(trial.codec)
    if (codec === null || trial.encodedBytes === 0) return []
    const { change, error } = codec === 'uncompressed' ? withoutCompression(column) : trial
    return [
      {
        label: compressionLabel({ codec, level: trial.level }),
        codec,
        level: trial.level,
        projectedBytes: Math.round(column.storedBytes * (1 + change)),
        errorBytes: Math.round(column.storedBytes * error),
        change,
        changeError: error,
        encodeBytesPerS: speed(trial, trial.encodeMs),
        decodeBytesPerS: speed(trial, trial.decodeMs),
        slowEncodeBytesPerS: trial.turns ? speed(trial, trial.turns.encodeMs) : null,
        slowDecodeBytesPerS: trial.turns ? speed(trial, trial.turns.decodeMs) : null,
        isSet: isSameCompression({ codec, level: trial.level }, set),
      },
    ]
  })
}

/** The footers have it, so it is not projected. */
function withoutCompression({ storedBytes, encodedBytes }: Pick<StoredColumn, 'storedBytes' | 'encodedBytes'>) {
  return { change: storedBytes === 0 ? 0 : encodedBytes / storedBytes - 1, error: 0 }
}

function speed({ encodedBytes, turns }: CodecTrial, ms: number): number {
  return ((turns?.encodedBytes ?? encodedBytes) * 1000) / Math.max(0.001, ms)
}

/** Less is not worth another codec. */
const MIN_SAVED_SHARE = 0.03
/** A codec that decodes slower than this share of the current codec's speed makes every query slower. */
const MIN_DECODE_SHARE = 0.8
const MIN_ENCODE_BYTES_PER_S = 20e6

const DAYS_PER_YEAR = 365

/** Less is the same, to one decimal place of a percent. */
export const MIN_SHOWN_CHANGE = 0.0005

export type Reason = { tone: 'good' | 'warning' | 'info'; text: string }
export type Recommendation = { row: TrialRow | null; reasons: readonly Reason[] }

/**
 * The smallest codec that every engine reads, that decodes nearly as fast as the current one, and that writes 20 MB a
 * second or more; null if it would save less than 3 % of the files now, or of what the codec that is set makes of them.
 * The reasons name every kind of blocker of smaller codecs.
 */
export function recommend(rows: readonly TrialRow[]): Recommendation {
  const set = rows.find(({ isSet }) => isSet) ?? null
  const smaller = rows.filter((row) => isSmaller(row, null)).toSorted((a, b) => a.projectedBytes - b.projectedBytes)
  const best = smaller.find((row) => blockerOf(row, set) === null) ?? null
  // The codec that is set may already save bytes, once it rewrites the files of another one.
  const saved = best ?? smaller.find((row) => row === set && isCertain(row)) ?? null
  const others = smaller.filter((row) => row !== saved && isSmaller(row, saved))
  const passedOver = BLOCKERS.flatMap((blocker): Reason[] => {
    const row = others.find((other) => blockerOf(other, set) === blocker)
    return row === undefined ? [] : [{ tone: 'info', text: passedOverText(row, blocker, set) }]
  })
  if (best !== null) return { row: best, reasons: passedOver }
  return { row: null, reasons: [...noneReasons(saved, others.length === 0), ...passedOver] }
}

const MIN_SAVED_TEXT = `${MIN_SAVED_SHARE * 100} %`

/**
 * Why no codec is recommended.
 *
 * @param set the codec that is set, if it saves bytes
 * @param isSmallest whether no codec that was tried is smaller
 */
function noneReasons(set: TrialRow | null, isSmallest: boolean): Reason[] {
  const none = `No tried codec saves ${set === null ? '' : 'another '}${MIN_SAVED_TEXT}.`
  if (set === null) return isSmallest ? [{ tone: 'good', text: none }] : []
  const saved = `${set.label}, which is set, is ${formatPercent(-set.change)} smaller than the files now, once rewritten.`
  return [{ tone: 'good', text: isSmallest ? `${saved} ${none}` : saved }]
}

/** Whether it may save bytes that are worth another codec: of the files now, and of what a codec makes of them. */
function isSmaller({ change, projectedBytes }: TrialRow, other: TrialRow | null): boolean {
  const isSmallerThanOther = other === null || projectedBytes <= (1 - MIN_SAVED_SHARE) * other.projectedBytes
  return change <= -MIN_SAVED_SHARE && isSmallerThanOther
}

/** Whether the sample shows that the size changes at all. */
function isCertain({ change, changeError }: TrialRow): boolean {
  return Math.abs(change) > changeError
}

/** Reasons not to recommend a smaller codec; the first that applies is named. */
const BLOCKERS = ['engines', 'writes', 'reads', 'sample', 'set'] as const
type Blocker = (typeof BLOCKERS)[number]

/** Null: the codec can be recommended. */
function blockerOf(row: TrialRow, set: TrialRow | null): Blocker | null {
  if (enginesWithout(row.codec).length > 0) return 'engines'
  if (row.encodeBytesPerS < MIN_ENCODE_BYTES_PER_S) return 'writes'
  if (row.decodeBytesPerS < MIN_DECODE_SHARE * (set?.decodeBytesPerS ?? 0)) return 'reads'
  if (!isCertain(row)) return 'sample'
  return isSmaller(row, set) ? null : 'set'
}

function passedOverText(row: TrialRow, blocker: Blocker, set: TrialRow | null): string {
  const saved = `${row.label} ${isCertain(row) ? 'is' : 'may be'} ${formatPercent(-row.change)} smaller than now, but`
  switch (blocker) {
    case 'engines':
      return `${saved} ${formatList(enginesWithout(row.codec))} cannot read it.`
    case 'writes':
      return `${saved} writes ${formatSpeed(row.encodeBytesPerS)} only.`
    case 'reads':
      return `${saved} reads ${formatPercent(1 - row.decodeBytesPerS / (set ?? row).decodeBytesPerS)} slower.`
    case 'sample':
      return `${saved} the sample does not show whether the size changes.`
    case 'set':
      return `${saved} not ${MIN_SAVED_TEXT} smaller than ${(set ?? row).label}, which is set.`
  }
}

export type Rate = {
  /** Bytes that Lakeshore's loads add to the column per day; null if unknown or without loads. */
  loadedBytesPerDay: number | null
  /** Null if the operator has set no price. */
  price: StoragePrice | null
}

/** The saving or cost of a choice in a year at the current growth; null if it is unknown or zero. */
export function yearText(row: TrialRow, { loadedBytesPerDay, price }: Rate): string[] | null {
  if (loadedBytesPerDay === null || Math.abs(row.change) < MIN_SHOWN_CHANGE || !isCertain(row)) return null
  const bytes = Math.round(loadedBytesPerDay * row.change * DAYS_PER_YEAR)
  if (bytes === 0) return null
  return [
    `${formatBytesChange(bytes)} a year from Lakeshore’s loads`,
    price === null ? 'no price set' : `${formatMonthlyCostChange(bytes, price)} after it`,
  ]
}

/** The consequences of a choice, compared with the files now and with the codec that is set. */
export function reasonsFor(
  row: TrialRow,
  set: TrialRow | null,
  { storedBytes, loadedBytesPerDay, price }: Rate & { storedBytes: number },
): Reason[] {
  const engines = enginesWithout(row.codec)
  return [
    sizeReason(row, { storedBytes, loadedBytesPerDay, price }),
    ...(set === null || set === row ? [] : [speedReason('Reads', row.decodeBytesPerS, set.decodeBytesPerS)]),
    ...(set === null || set === row ? [] : [speedReason('Writes', row.encodeBytesPerS, set.encodeBytesPerS)]),
    ...(engines.length === 0 ? [] : [{ tone: 'warning', text: `${formatList(engines)} cannot read it.` } as const]),
  ]
}

function sizeReason(row: TrialRow, { storedBytes, loadedBytesPerDay, price }: Rate & { storedBytes: number }): Reason {
  if (Math.abs(row.change) < MIN_SHOWN_CHANGE) return { tone: 'good', text: 'No change in size.' }
  const changedBytes = row.projectedBytes - storedBytes
  const changed = `${formatBytesChange(changedBytes)}${errorText(row)}`
  if (!isCertain(row)) {
    return { tone: 'info', text: `${changed} once rewritten: the sample does not show whether the size changes.` }
  }
  const cost = price === null ? '' : `, ${formatMonthlyCostChange(changedBytes, price)}`
  const perDay =
    loadedBytesPerDay === null
      ? ''
      : `; ${formatBytesChange(Math.round(loadedBytesPerDay * row.change))} a day of what Lakeshore loads from now on`
  return {
    tone: changedBytes < 0 ? 'good' : 'warning',
    text: `${changed}, ${formatPercent(Math.abs(row.change))} ${changedBytes < 0 ? 'less' : 'more'}${cost}, once rewritten${perDay}.`,
  }
}

function errorText({ errorBytes }: TrialRow): string {
  return errorBytes === 0 ? '' : ` ± ${formatBytes(errorBytes)}`
}

function speedReason(verb: string, bytesPerSecond: number, setBytesPerS: number): Reason {
  const factor = bytesPerSecond / setBytesPerS
  if (factor > 0.95 && factor < 1.05) return { tone: 'good', text: `${verb} as fast as what is set.` }
  const times = (factor > 1 ? factor : 1 / factor).toFixed(1)
  return {
    tone: factor > 1 ? 'good' : 'warning',
    text: `${verb} ${times}× ${factor > 1 ? 'faster' : 'slower'} than what is set.`,
  }
}

/** In megabytes of encoded bytes a second, as benchmarks of codecs do. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatMegabytes(bytesPerSecond)} MB/s`
}

function formatMegabytes(bytes: number): string {
  const megabytes = bytes / 1e6
  return megabytes >= 100 ? Math.round(megabytes).toLocaleString('en-US') : megabytes.toPrecision(2)
}

/** Measurements that are closer than this share of the speed are shown as one figure. */
const MIN_SHOWN_SPREAD = 0.1

/**
 * A speed with its spread, if the measurements differ noticeably, and what it says.
 *
 * @param slowBytesPerS null if the sample has no spread: the speed is then marked as approximate
 */
export function speedText(bytesPerSecond: number, slowBytesPerS: number | null): { text: string; title: string } {
  const speed = formatSpeed(bytesPerSecond)
  if (slowBytesPerS === null)
    return {
      text: `≈ ${speed}`,
      title: 'Measured by an earlier release, which did not record how much the measurements differ. Sample again.',
    }
  const slow = formatMegabytes(slowBytesPerS)
  const isSteady = slowBytesPerS >= (1 - MIN_SHOWN_SPREAD) * bytesPerSecond
  return {
    text: isSteady ? speed : `${slow}–${speed}`,
    title: `Each page was measured 3 times or more: ${speed} in the fastest turns, ${slow} MB/s or more in three of four. Other work on the machine makes turns slower, so codecs are compared by the fastest.`,
  }
}

export function projectionText(sample: CompressionSample, storedBytes: number): string {
  return `${formatBytes(sample.encodedBytes)} of real pages; projected on ${formatBytes(storedBytes)} stored`
}
