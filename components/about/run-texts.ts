import { findRunKind, phaseLabel, type RunProgress, type RunUnit } from '@/lib/contract/run-kinds'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'

const UNIT_NOUNS: Readonly<Record<Exclude<RunUnit, 'bytes'>, readonly [string, string]>> = {
  files: ['file', 'files'],
  objects: ['table or view', 'tables and views'],
  tables: ['table', 'tables'],
  snapshots: ['snapshot', 'snapshots'],
  checks: ['check', 'checks'],
  codecs: ['codec', 'codecs'],
}

/** `512 KiB of 1.00 MiB`, `3 of 12 checks`, `7 files`; null before anything is done or known. */
export function doneText({ done, total, unit }: RunProgress): string | null {
  if (total === null && done === 0) return null
  if (unit === 'bytes') return total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`
  if (total === null) return formatQuantity(done, ...UNIT_NOUNS[unit])
  return `${formatCount(done)} of ${formatQuantity(total, ...UNIT_NOUNS[unit])}`
}

/**
 * The phase of a run in one line: `reading snapshots: 500 of 2,000`. Bytes are left to the bar next to it, but for those
 * of copies, which are read once they are complete.
 */
export function phaseText(kind: string, progress: RunProgress | null): string {
  const label = phaseLabel(kind, progress)
  if (progress?.phase === 'copying') {
    const copied = formatBytes(progress.counters['bytesCopied'] ?? 0)
    return `${label}, ${copied}${progress.total === null ? '' : ` of ${formatBytes(progress.total)}`}`
  }
  if (progress === null || progress.total === null || progress.unit === 'bytes') return label
  return `${label}: ${formatCount(progress.done)} of ${formatCount(progress.total)}`
}

/**
 * The counters of a run, next to its progress: `8,000 rows`, `2,000 rows/s`, `2 files`.
 *
 * @param seconds since the run started; null while a rate would be meaningless
 */
export function counterTexts(kind: string, { counters }: RunProgress, seconds: number | null): string[] {
  return Object.entries(findRunKind(kind)?.counters ?? {}).flatMap(([name, { noun, hasRate, isDetail }]) => {
    const value = counters[name] ?? 0
    if (value === 0 || isDetail === true) return []
    const rate = hasRate && seconds !== null ? [`${formatQuantity(Math.round(value / seconds), ...noun)}/s`] : []
    return [formatQuantity(value, ...noun), ...rate]
  })
}

/** `undone: 12 of 12 tables restored`. */
export function undoText(undoneCount: number, tableCount: number): string {
  return `undone: ${formatCount(undoneCount)} of ${formatQuantity(tableCount, 'table', 'tables')} restored`
}

/** The warnings of a run that succeeded, as texts: `12 rows rejected`. */
export function warningTexts(kind: string, warnings: Readonly<Record<string, number>>): string[] {
  const described = findRunKind(kind)?.warnings ?? {}
  return Object.entries(warnings).map(([name, count]) => {
    const text = described[name]?.text
    if (text === undefined) return `${name} ${formatCount(count)}`
    return typeof text === 'string' ? text : formatQuantity(count, ...text)
  })
}

/** The outcome in a few words, as the kind describes it, or null. */
export function summaryText(
  kind: string,
  outcome: Readonly<Record<string, string | number | boolean | null>> | null,
): string | null {
  const summary = findRunKind(kind)?.summary
  if (!summary || outcome === null) return null
  if (summary.emptyField !== undefined && outcome[summary.emptyField] === 0) return summary.emptyText ?? null
  const value = outcome[summary.field]
  if (typeof value !== 'number') return null
  if (summary.totalField === undefined) return formatQuantity(value, ...summary.noun)
  const total = outcome[summary.totalField]
  return typeof total === 'number' ? `${formatCount(value)} of ${formatQuantity(total, ...summary.noun)}` : null
}
