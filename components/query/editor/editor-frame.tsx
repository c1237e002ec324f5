'use client'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react'
import classes from './editor-frame.module.css'

const HEIGHT = { min: 92, max: 800, default: 126 }
const STEP_PX = 21

/**
 * The editor, as high as its text, with a line over its lower edge, which can be dragged or moved by arrow keys to resize
 * it. A double click on the line, or the Enter key, gives it the height of its text again.
 */
export function EditorFrame({ children, footer }: { children: ReactNode; footer?: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null)
  /** Null until the user resizes it: it is as high as its text. */
  const [height, setHeight] = useState<number | null>(null)
  const currentHeight = () => frame.current?.clientHeight ?? HEIGHT.default

  const startDrag = (startEvent: PointerEvent<HTMLDivElement>) => {
    const handle = startEvent.currentTarget
    const startHeight = currentHeight()
    handle.setPointerCapture(startEvent.pointerId)
    const onMove = (event: globalThis.PointerEvent) =>
      setHeight(clampHeight(startHeight + event.clientY - startEvent.clientY))
    handle.addEventListener('pointermove', onMove)
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', onMove), {
      once: true,
    })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') return setHeight(null)
    const steps: Record<string, number> = {
      ArrowUp: currentHeight() - STEP_PX,
      ArrowDown: currentHeight() + STEP_PX,
      Home: HEIGHT.min,
      End: HEIGHT.max,
    }
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    setHeight(clampHeight(next))
  }

  return (
    <div ref={frame} className={classes.frame} {...(height !== null && { 'data-resized': true, style: { height } })}>
      {children}
      {footer !== undefined && <div className={classes.footer}>{footer}</div>}
      {/* A separator that can be moved is a control, so it is focusable. */}
      <div
        role="separator"
        aria-orientation="horizontal"
        aria-label="Height of the editor"
        aria-valuenow={height ?? HEIGHT.default}
        aria-valuetext={height === null ? 'as high as the text' : `${height} pixels`}
        aria-valuemin={HEIGHT.min}
        aria-valuemax={HEIGHT.max}
        tabIndex={0}
        className={classes.handle}
        onPointerDown={startDrag}
        onKeyDown={onKeyDown}
        onDoubleClick={() => setHeight(null)}
      />
    </div>
  )
}

function clampHeight(height: number): number {
  return Math.round(Math.max(HEIGHT.min, Math.min(HEIGHT.max, height)))
}
