import type { EquationBar, Piece } from '@/components/chart/equation-bars'
import type { Look } from '@/components/chart/mark'
import { stepLabel } from '@/components/chart/time-labels'
import type { Ingestion, IngestionStep } from '@/lib/contract/dashboards'
import type { Term } from '@/lib/facts/terms'
import { STEP_MS } from './step-length'
import { sum } from '@/lib/sum'
import type { ColouredSeries } from '../use-coloured-series'
import type { AmountFormat } from './amount-format'

export const COLOURS = {
  removed: 'color-mix(in srgb, var(--ref) 50%, var(--surface))',
  moved: 'color-mix(in srgb, var(--c1) 60%, var(--surface))',
  unknown: 'var(--c0)',
  hatched: 'var(--control)',
  before: 'var(--text2)',
} as const

/** More labels would hide the bars. */
const MAX_LABELLED_PIECES = 4

type Bucket = Ingestion['buckets'][number]

/** The parts of the chart that are not series. No series has such a key. */
const PARTS = { removed: ' removed', rewritten: ' rewritten', returned: ' returned', notRead: ' not-read' } as const
const BEFORE = ' before'

/**
 * The bars of the chart. What was taken back later is hollow where it came in, and again below zero where it was taken
 * back. What came back is filled again.
 */
export function toBars(
  { buckets, returns }: Pick<Ingestion, 'buckets' | 'returns'>,
  series: readonly ColouredSeries[],
  {
    format,
    step,
    timeZone,
    hidden = new Set(),
  }: { format: AmountFormat; step: IngestionStep; timeZone: string; hidden?: ReadonlySet<string> },
): EquationBar[] {
  const isShown = (key: string | undefined) => key === undefined || !hidden.has(key)
  const labelled = new Set(returns.toSorted((a, b) => b.amount - a.amount).slice(0, MAX_LABELLED_PIECES))
  return buckets.map((bucket) => {
    const own = returns.filter(({ atMs }) => atMs >= bucket.startMs && atMs < bucket.endMs)
    const isReturnShown = ({ seriesIndex }: (typeof own)[number]) => isShown(series[seriesIndex ?? -1]?.key)
    const piecesOf = (kind: 'taken-back' | 'put-back') =>
      returnPieces(
        bucket,
        own.filter((one) => one.kind === kind),
        kind,
      ).map(({ piece, source }) =>
        source !== null && kind === 'taken-back' && labelled.has(source)
          ? {
              ...piece,
              label: `${format.toText(source.amount)} of ${stepLabel(source.cameInAtMs, STEP_MS[step], timeZone)}`,
            }
          : piece,
      )
    const returnPieces = (of: Bucket, listed: typeof own, kind: 'taken-back' | 'put-back') => {
      const pieces = listed.map((source, index) => ({
        source,
        piece: {
          key: `${kind} ${index}`,
          colour: series[source.seriesIndex ?? -1]?.colour ?? COLOURS.unknown,
          size: Math.max(source.amount, 0),
          look: kind === 'taken-back' ? ('hollow' as const) : ('solid' as const),
        } satisfies Piece,
      }))
      // Commits whose day is no longer known.
      const rest = of.terms[kind] - sum(listed.map(({ amount }) => amount))
      const restPiece: Piece = { key: `${kind} rest`, colour: COLOURS.unknown, size: rest, look: 'hollow' }
      const shown = pieces.filter(({ source }) => isReturnShown(source))
      return rest > 0 ? [...shown, { source: null, piece: restPiece }] : shown
    }
    const { terms } = bucket
    const shownSeries = series.map((one, index) => ({ ...one, index })).filter(({ key }) => isShown(key))
    const returned = (kind: 'taken-back' | 'put-back') => (isShown(PARTS.returned) ? piecesOf(kind) : [])
    const changes = [
      ...changePiece('rewritten', terms.rewritten, COLOURS.moved),
      ...changePiece('not-read', terms['not-read'], COLOURS.hatched),
      // A commit that had removed more than it brought.
      ...changePiece('taken-back', Math.max(-terms['taken-back'], 0), COLOURS.unknown),
      ...changePiece('put-back', Math.min(terms['put-back'], 0), COLOURS.unknown),
    ].filter(({ piece }) => isShown(partOfChange(piece.key)))
    return {
      startMs: bucket.startMs,
      endMs: bucket.endMs,
      above: [
        ...shownSeries.map(({ key, colour, index }) => ({
          key: `came-in ${key}`,
          colour,
          size: Math.max((bucket.cameIn[index] ?? 0) - (bucket.takenBackLater[index] ?? 0), 0),
          look: 'solid' as const,
        })),
        ...returned('put-back'),
        ...shownSeries.map(({ key, colour, index }) => ({
          key: `later ${key}`,
          colour,
          size: bucket.takenBackLater[index] ?? 0,
          look: 'hollow' as const,
        })),
        ...changes.filter(({ isAdded }) => isAdded).map(({ piece }) => piece),
      ],
      below: [
        ...(isShown(PARTS.removed)
          ? [{ key: 'removed', colour: COLOURS.removed, size: terms.removed, look: 'solid' as const }]
          : []),
        ...returned('taken-back'),
        // Rows of a partition that others got.
        ...shownSeries.map(({ key, colour, index }) => ({
          key: `less ${key}`,
          colour,
          size: Math.max(0 - (bucket.cameIn[index] ?? 0), 0),
          look: 'solid' as const,
        })),
        ...changes.filter(({ isAdded }) => !isAdded).map(({ piece }) => piece),
      ],
      // The mark of the period before is that of all series.
      mark: isShown(BEFORE) ? bucket.previousCameIn : 0,
    }
  })
}

function partOfChange(key: string): string {
  if (key === 'rewritten') return PARTS.rewritten
  return key === 'not-read' ? PARTS.notRead : PARTS.returned
}

function changePiece(term: Term, amount: number, colour: string): { isAdded: boolean; piece: Piece }[] {
  const look: Look = term === 'not-read' ? 'hatched' : term === 'rewritten' ? 'solid' : 'hollow'
  return amount === 0 ? [] : [{ isAdded: amount > 0, piece: { key: term, colour, size: Math.abs(amount), look } }]
}

/** The series of a piece of what came in. */
export function seriesOfPiece(series: readonly ColouredSeries[], pieceKey: string): ColouredSeries | undefined {
  return series.find(({ key }) => pieceKey === `came-in ${key}` || pieceKey === `later ${key}`)
}

/** The terms that are in no sum, if there are any. */
export function lanesOf({ buckets }: Pick<Ingestion, 'buckets'>): { term: Term; name: string }[] {
  const lanes = [
    { term: 'moved', name: 'Moved' },
    { term: 'replaced', name: 'Replaced or new' },
  ] as const
  return lanes.filter(({ term }) => buckets.some(({ terms }) => terms[term] > 0))
}

/** The parts that the chart has, in the order of the stack. */
export function legendOf({ buckets }: Pick<Ingestion, 'buckets'>, series: readonly ColouredSeries[]) {
  const has = (test: (bucket: Bucket) => boolean) => buckets.some(test)
  const parts: { key: string; name: string; colour: string; look?: Look }[] = [
    ...series.map(({ key, label, colour }) => ({ key, name: label, colour })),
    ...(has(({ terms }) => terms.removed > 0)
      ? [{ key: PARTS.removed, name: 'removed', colour: COLOURS.removed }]
      : []),
    ...(has(({ terms }) => terms.rewritten !== 0)
      ? [{ key: PARTS.rewritten, name: 'rewritten, net', colour: COLOURS.moved }]
      : []),
    ...(has(({ terms }) => terms['taken-back'] !== 0)
      ? [{ key: PARTS.returned, name: 'came, then taken back', colour: 'var(--text2)', look: 'hollow' as const }]
      : []),
    ...(has(({ terms }) => terms['not-read'] !== 0)
      ? [{ key: PARTS.notRead, name: 'not read', colour: COLOURS.hatched, look: 'hatched' as const }]
      : []),
    ...(has(({ previousCameIn }) => previousCameIn > 0)
      ? [{ key: BEFORE, name: 'the period before', colour: COLOURS.before, look: 'line' as const }]
      : []),
  ]
  return {
    keys: parts.map(({ key }) => key),
    names: parts.map(({ name }) => name),
    colours: parts.map(({ colour }) => colour),
    looks: parts.map(({ look }) => look),
  }
}
