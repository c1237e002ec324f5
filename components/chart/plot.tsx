'use client'
import { type KeyboardEvent, type MouseEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import classes from './chart.module.css'
import { formatTick } from './format-measure'
import type { Measure } from './ticks'

const LEFT_PX = 58
const TOP_PX = 8
const BOTTOM_PX = 22
/** Between the active step, or the pointer, and the tooltip. */
const TOOLTIP_GAP_PX = 10

/** Focusable like a button: arrow keys move along its steps. */
const KEYBOARD_STOP = { tabIndex: 0 }

/** A position on the horizontal axis, from 0 at its beginning to 1 at its end. */
export type Share = number

type PlotProps = {
  /** Describes the chart for screen readers; the numbers are in the table behind it. */
  label: string
  height: number
  rightPx: number
  /** Values that have a line and a label, in ascending order. The axis begins and ends with them. */
  ticks: readonly number[]
  measure: Measure
  /** A value on the axis, if it is not written as its measure. */
  tickText?: ((value: number) => string) | undefined
  /** Where a value is, in pixels from the upper edge. By default the ticks share the whole height evenly. */
  yOf?: (value: number) => number
  timeLabels: readonly { at: Share; text: string }[]
  /** Steps that can be active, in the order in which arrow keys move. */
  stepCount: number
  stepAt: (at: Share) => number
  /** Where the tooltip of a step is. */
  positionOf: (step: number) => Share
  tooltip: (step: number) => ReactNode
  /** The mouse is pressed on a step, or moves to one, perhaps while it is pressed. */
  onPress?: (step: number) => void
  onMove?: (step: number) => void
  onRelease?: () => void
  onLeave?: () => void
  onEnter?: (step: number) => void
  /** Shown instead of marks: what is missing and what to do. */
  emptyText: string | null
  children: (activeStep: number | null) => ReactNode
}

/**
 * The axes of a chart over time, and the tooltip of the step that the pointer or the arrow keys are on. Horizontal
 * positions are shares of the width: nothing is measured, so the server draws charts with the page.
 */
export function Plot(props: PlotProps) {
  const { label, height, rightPx, ticks, measure, timeLabels, stepCount, positionOf, tooltip, emptyText } = props
  const [active, setActive] = useState<{ step: number; yPx: number } | null>(null)
  const areaPx = areaHeightPx(height)
  const yOf = props.yOf ?? verticalScale(ticks, areaPx)
  const activeStep = active !== null && active.step < stepCount ? active.step : null

  const stepOf = ({ clientX, currentTarget }: MouseEvent): number | null => {
    const { left, width } = currentTarget.getBoundingClientRect()
    const at = (clientX - left) / width
    return stepCount > 0 && at >= 0 && at <= 1 ? Math.min(stepCount - 1, props.stepAt(at)) : null
  }
  const moveTo = (event: MouseEvent) => {
    const step = stepOf(event)
    const yPx = event.clientY - event.currentTarget.getBoundingClientRect().top
    setActive(step === null ? null : { step, yPx })
    if (step !== null) props.onMove?.(step)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && activeStep !== null) props.onEnter?.(activeStep)
    if (event.key === 'Escape') setActive(null)
    const next = stepAfter(event.key, activeStep, stepCount)
    if (next === null) return
    event.preventDefault()
    setActive({ step: next, yPx: 0 })
  }
  return (
    <div className={classes.chart} style={{ height }} role="group" aria-label={label}>
      <div className={classes.area} style={{ left: LEFT_PX, right: rightPx, top: TOP_PX, height: areaPx }}>
        <svg
          {...KEYBOARD_STOP}
          role="application"
          aria-roledescription="chart"
          aria-label={label}
          className={classes.drawing}
          width="100%"
          height={areaPx}
          onMouseDown={(event) => {
            const step = stepOf(event)
            if (step !== null) props.onPress?.(step)
          }}
          onMouseMove={moveTo}
          onMouseUp={props.onRelease}
          onMouseLeave={() => {
            setActive(null)
            props.onLeave?.()
          }}
          onFocus={() => setActive((known) => known ?? { step: 0, yPx: 0 })}
          onBlur={() => setActive(null)}
          onKeyDown={onKeyDown}
        >
          {ticks.map((value) => (
            <g key={value} className={classes.tick}>
              <line x1="0" x2="100%" y1={yOf(value)} y2={yOf(value)} stroke="var(--line)" />
              <text x={-8} y={yOf(value)} dy="0.355em" textAnchor="end">
                {props.tickText?.(value) ?? formatTick(measure, value)}
              </text>
            </g>
          ))}
          {timeLabels.map(({ at, text }, index) => (
            <text
              key={at}
              x={percent(at)}
              y={areaPx + 16}
              textAnchor="middle"
              className={classes.tick}
              data-alternate={(timeLabels.length - 1 - index) % 2 === 1 || undefined}
            >
              {text}
            </text>
          ))}
          {props.children(activeStep)}
          <line x1="0" x2="100%" y1={areaPx} y2={areaPx} stroke="var(--line2)" />
        </svg>
        <div aria-live="polite">
          {active !== null && activeStep !== null && (
            <Beside at={positionOf(activeStep)} yPx={active.yPx}>
              {tooltip(activeStep)}
            </Beside>
          )}
        </div>
      </div>
      {emptyText !== null && <p className={classes.nothing}>{emptyText}</p>}
    </div>
  )
}

/** Right of a position and below it; on the other side where there is no room. */
function Beside({ at, yPx, children }: { at: Share; yPx: number; children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const box = ref.current
    const area = box?.offsetParent
    if (!box || !area) return
    box.style.left = `${besidePx(at * area.clientWidth, box.offsetWidth, area.clientWidth)}px`
    box.style.top = `${besidePx(yPx, box.offsetHeight, area.clientHeight)}px`
  })
  return (
    <div ref={ref} className={classes.beside}>
      {children}
    </div>
  )
}

function besidePx(atPx: number, sizePx: number, roomPx: number): number {
  const afterPx = atPx + TOOLTIP_GAP_PX
  return afterPx + sizePx <= roomPx ? afterPx : Math.max(0, atPx - TOOLTIP_GAP_PX - sizePx)
}

/** The step that a key moves to; null for a key that does not move. */
function stepAfter(key: string, from: number | null, count: number): number | null {
  if (count === 0) return null
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  if (key === 'ArrowRight') return from === null ? 0 : Math.min(count - 1, from + 1)
  if (key === 'ArrowLeft') return from === null ? count - 1 : Math.max(0, from - 1)
  return null
}

/** The height between the axis of times and the upper edge, of a chart of this height. */
export function areaHeightPx(height: number): number {
  return height - TOP_PX - BOTTOM_PX
}

/** Where a value is, in pixels from the upper edge, on the axis with these ticks. */
export function verticalScale(ticks: readonly number[], areaPx: number): (value: number) => number {
  const [min, max] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  return (value) => roundPx((1 - (value - min) / (max - min)) * areaPx)
}

export function percent(at: Share): string {
  return `${roundPx(at * 100)}%`
}

/** Exact to a hundredth: more would only make pages longer. */
export function roundPx(px: number): number {
  return Math.round(px * 100) / 100
}
