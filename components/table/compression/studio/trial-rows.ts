import type { CodecTrial, CompressionSample } from '@/lib/contract/table/compression'
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
  /** By which its bytes differ from those now; 0.1: a tenth more. */
  change: number
  encodeBytesPerS: number
  decodeBytesPerS: number
  isSet: boolean
}

export type Compression = { codec: CompressionCodec | null; level: number | null }

/** @param storedBytes of the column in the files that were read */
export function trialRows(sample: CompressionSample, storedBytes: number, set: Compression): TrialRow[] {
  const nowShare = sample.storedBytes / Math.max(1, sample.encodedBytes)
  return sample.trials.flatMap((trial) => {
    const codec = codecOf(trial.codec)
    if (codec === null || trial.encodedBytes === 0) return []
    const change = nowShare === 0 ? 0 : trial.storedBytes / trial.encodedBytes / nowShare - 1
    return [
      {
        label: compressionLabel({ codec, level: trial.level }),
        codec,
        level: trial.level,
        projectedBytes: Math.round(storedBytes * (1 + change)),
        change,
        encodeBytesPerS: speed(trial, trial.encodeMs),
        decodeBytesPerS: speed(trial, trial.decodeMs),
        isSet: isSameCompression({ codec, level: trial.level }, set),
      },
    ]
  })
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
 * second or more; null if it would save less than 3 %.
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
  const isWorthIt = best !== undefined && !best.isSet && best.change <= -MIN_SAVED_SHARE
  const smaller = rows
    .filter(
      (row) =>
        !usable.includes(row) && row.projectedBytes < (isWorthIt ? best.projectedBytes : Number.POSITIVE_INFINITY),
    )
    .toSorted((a, b) => a.projectedBytes - b.projectedBytes)[0]
  const passedOver: Reason[] =
    smaller && smaller.change <= -MIN_SAVED_SHARE ? [{ tone: 'info', text: passedOverText(smaller, set) }] : []
  if (!isWorthIt) {
    const text = `No codec that every engine reads saves ${MIN_SAVED_SHARE * 100} % without reading slower or writing below 20 MB/s.`
    return { row: null, reasons: [{ tone: 'good', text }, ...passedOver] }
  }
  return { row: best, reasons: passedOver }
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
  /** Bytes that the column gains per day; null if unknown. */
  addedBytesPerDay: number | null
  /** Null if the operator has set no price. */
  price: StoragePrice | null
}

/** The saving or cost of a choice in a year at the current growth; null if it is unknown or zero. */
export function yearText({ change }: TrialRow, { addedBytesPerDay, price }: Rate): string[] | null {
  if (addedBytesPerDay === null || Math.abs(change) < MIN_SHOWN_CHANGE) return null
  const bytes = Math.round(addedBytesPerDay * change * DAYS_PER_YEAR)
  if (bytes === 0) return null
  return [
    `${formatBytesChange(bytes)} a year from growth`,
    price === null ? 'no price set' : `${formatMonthlyCostChange(bytes, price)} after it`,
  ]
}

/** The consequences of a choice, compared with the files now and with the codec that is set. */
export function reasonsFor(
  row: TrialRow,
  set: TrialRow | null,
  { storedBytes, addedBytesPerDay, price }: Rate & { storedBytes: number },
): Reason[] {
  const engines = enginesWithout(row.codec)
  const changedBytes = row.projectedBytes - storedBytes
  const cost = price === null ? '' : `, ${formatMonthlyCostChange(changedBytes, price)}`
  const perDay =
    addedBytesPerDay === null || changedBytes === 0
      ? ''
      : `; ${formatBytesChange(Math.round(addedBytesPerDay * row.change))} a day from now on`
  const size: Reason =
    Math.abs(row.change) < MIN_SHOWN_CHANGE
      ? { tone: 'good', text: 'No change in size.' }
      : {
          tone: changedBytes < 0 ? 'good' : 'warning',
          text: `${formatBytesChange(changedBytes)}, ${formatPercent(Math.abs(row.change))} ${changedBytes < 0 ? 'less' : 'more'}${cost}, once rewritten${perDay}.`,
        }
  return [
    size,
    ...(set === null || set === row ? [] : [speedReason('Reads', row.decodeBytesPerS, set.decodeBytesPerS)]),
    ...(set === null || set === row ? [] : [speedReason('Writes', row.encodeBytesPerS, set.encodeBytesPerS)]),
    ...(engines.length === 0 ? [] : [{ tone: 'warning', text: `${formatList(engines)} cannot read it.` } as const]),
  ]
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
