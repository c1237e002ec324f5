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
        isSet: isSameCompression({ codec, level: trial.level }, set),
      },
    ]
  })
}

/** The footers have it, so it is not projected. */
function withoutCompression({ storedBytes, encodedBytes }: Pick<StoredColumn, 'storedBytes' | 'encodedBytes'>) {
  return { change: storedBytes === 0 ? 0 : encodedBytes / storedBytes - 1, error: 0 }
}

function speed({ encodedBytes }: CodecTrial, ms: number): number {
  return (encodedBytes * 1000) / Math.max(0.001, ms)
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
 */
export function recommend(rows: readonly TrialRow[]): Recommendation {
  const set = rows.find(({ isSet }) => isSet) ?? null
  const usable = rows.filter(
    (row) =>
      enginesWithout(row.codec).length === 0 &&
      row.encodeBytesPerS >= MIN_ENCODE_BYTES_PER_S &&
      row.decodeBytesPerS >= MIN_DECODE_SHARE * (set?.decodeBytesPerS ?? 0),
  )
  const [best] = usable.toSorted((a, b) => a.projectedBytes - b.projectedBytes)
  const savesMoreThanSet =
    best !== undefined && (set === null || best.projectedBytes <= (1 - MIN_SAVED_SHARE) * set.projectedBytes)
  const isWorthIt = savesMoreThanSet && !best.isSet && isSaving(best)
  // The codec that is set may already save bytes, once it rewrites the files of another one.
  const [least] = isWorthIt ? [best] : set !== null && isSaving(set) ? [set] : []
  const [smaller] = rows
    .filter((row) => !usable.includes(row) && row !== set && isSaving(row))
    .filter((row) => row.projectedBytes < (least?.projectedBytes ?? Number.POSITIVE_INFINITY))
    .toSorted((a, b) => a.projectedBytes - b.projectedBytes)
  const passedOver: Reason[] = smaller ? [{ tone: 'info', text: passedOverText(smaller, set) }] : []
  if (isWorthIt) return { row: best, reasons: passedOver }
  return { row: null, reasons: [noneReason(best, set), ...passedOver] }
}

const MIN_SAVED_TEXT = `${MIN_SAVED_SHARE * 100} %`

/** Why no codec is recommended, true of every codec that was tried. */
function noneReason(best: TrialRow | undefined, set: TrialRow | null): Reason {
  const limits = 'without reading slower or writing below 20 MB/s'
  if (set !== null && isSaving(set)) {
    const saved = `${set.label}, which is set, is ${formatPercent(-set.change)} smaller than the files now, once rewritten`
    return {
      tone: 'good',
      text: `${saved}. No tried codec that every engine reads saves another ${MIN_SAVED_TEXT} ${limits}.`,
    }
  }
  if (best !== undefined && !best.isSet && best.change <= -MIN_SAVED_SHARE) {
    const saved = `${best.label} may be ${formatPercent(-best.change)} smaller than now`
    return { tone: 'info', text: `${saved}, but the sample does not show whether the size changes.` }
  }
  return { tone: 'good', text: `No tried codec that every engine reads saves ${MIN_SAVED_TEXT} ${limits}.` }
}

function isSaving(row: TrialRow): boolean {
  return row.change <= -MIN_SAVED_SHARE && isCertain(row)
}

/** Whether the sample shows that the size changes at all. */
function isCertain({ change, changeError }: TrialRow): boolean {
  return Math.abs(change) > changeError
}

function passedOverText(row: TrialRow, set: TrialRow | null): string {
  const engines = enginesWithout(row.codec)
  const saved = `${row.label} is ${formatPercent(-row.change)} smaller than now`
  if (engines.length > 0) return `${saved}, but ${formatList(engines)} cannot read it.`
  return row.encodeBytesPerS < MIN_ENCODE_BYTES_PER_S || set === null
    ? `${saved}, but writes ${formatSpeed(row.encodeBytesPerS)} only.`
    : `${saved}, but reads ${formatPercent(1 - row.decodeBytesPerS / set.decodeBytesPerS)} slower.`
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
  const megabytes = bytesPerSecond / 1e6
  return `${megabytes >= 100 ? Math.round(megabytes).toLocaleString('en-US') : megabytes.toPrecision(2)} MB/s`
}

export function projectionText(sample: CompressionSample, storedBytes: number): string {
  return `${formatBytes(sample.encodedBytes)} of real pages; projected on ${formatBytes(storedBytes)} stored`
}
