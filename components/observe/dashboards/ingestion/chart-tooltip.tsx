'use client'
import { TooltipBox, type TooltipRow } from '@/components/chart/tooltip-box'
import { spanLabel, stepLabel } from '@/components/chart/time-labels'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Ingestion, IngestionStep } from '@/lib/contract/dashboards'
import { netOfSums } from '@/lib/facts/term-sums'
import type { ColouredSeries } from '../use-coloured-series'
import type { AmountFormat } from './amount-format'
import { STEP_MS } from './step-length'
import { eventSentence } from './event-lines'
import { COLOURS } from './to-bars'

const MAX_EVENTS = 4

/** The equation of one step, in the order of its stack, and what happened to the tables. */
export function ChartTooltip({
  data,
  series,
  index,
  step,
  format,
}: {
  data: Ingestion
  series: readonly ColouredSeries[]
  index: number
  step: IngestionStep
  format: AmountFormat
}) {
  const timeZone = useTimeZone()
  const bucket = data.buckets[index]
  if (bucket === undefined) return null
  const { startMs, endMs, terms, cameIn, takenBackLater, previousCameIn } = bucket
  const row = (name: string, amount: number, colour: string, look?: TooltipRow['look']): TooltipRow[] =>
    amount === 0 ? [] : [{ name, colour, value: format.toChange(amount), ...(look && { look }) }]
  const events = data.events.filter(({ atMs }) => atMs >= startMs && atMs < endMs).map(eventSentence)
  const later = takenBackLater.reduce((sum, amount) => sum + amount, 0)
  return (
    <TooltipBox
      title={
        step === 'week' ? spanLabel(startMs, endMs - startMs, timeZone) : stepLabel(startMs, STEP_MS[step], timeZone)
      }
      rows={[
        ...row('not read', terms['not-read'], COLOURS.hatched, 'hatched'),
        ...row('rewritten', terms.rewritten, COLOURS.moved),
        ...row('put back', terms['put-back'], COLOURS.unknown),
        ...series.flatMap(({ label, colour }, at) => row(label, cameIn[at] ?? 0, colour)).toReversed(),
        ...row('removed', -terms.removed, COLOURS.removed),
        ...row('taken back', -terms['taken-back'], COLOURS.unknown, 'hollow'),
      ]}
      sum={{ name: 'Net', value: format.toChange(netOfSums(terms)) }}
      rest={{
        rows: [
          ...(later === 0
            ? []
            : [
                {
                  name: 'taken back later',
                  colour: COLOURS.unknown,
                  look: 'hollow' as const,
                  value: format.toText(later),
                },
              ]),
          ...(data.buckets.every((one) => one.previousCameIn === 0)
            ? []
            : [
                {
                  name: 'came in, the period before',
                  colour: COLOURS.before,
                  look: 'line' as const,
                  value: format.toText(previousCameIn),
                },
              ]),
          ...(terms.moved === 0 ? [] : [{ name: 'moved', colour: COLOURS.moved, value: format.toText(terms.moved) }]),
          ...(terms.replaced === 0
            ? []
            : [{ name: 'replaced or new', colour: COLOURS.moved, value: format.toText(terms.replaced) }]),
        ],
        sentences: [
          ...events.slice(0, MAX_EVENTS),
          ...(events.length > MAX_EVENTS ? [`and ${events.length - MAX_EVENTS} more`] : []),
        ],
      }}
    />
  )
}
