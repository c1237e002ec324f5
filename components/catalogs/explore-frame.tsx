'use client'
import { useLocalStorage } from '@mantine/hooks'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react'
import { CatalogTree } from './catalog-tree'
import classes from './explore-frame.module.css'

const WIDTH = { min: 180, default: 224, max: 420 } as const

/** Explore: the page next to the catalog tree, which can be resized. Below 768 px the tree is hidden. */
export function ExploreFrame({ children }: { children: ReactNode }) {
  const [savedWidth, saveWidth] = useLocalStorage<number>({ key: 'lakeshore-tree-width', defaultValue: WIDTH.default })
  const [dragWidth, setDragWidth] = useState<number | null>(null)
  const width = clampWidth(dragWidth ?? savedWidth)

  const startDrag = (startEvent: PointerEvent<HTMLDivElement>) => {
    const handle = startEvent.currentTarget
    const startWidth = width
    let lastWidth = startWidth
    handle.setPointerCapture(startEvent.pointerId)
    const onMove = (event: globalThis.PointerEvent) => {
      lastWidth = clampWidth(startWidth + event.clientX - startEvent.clientX)
      setDragWidth(lastWidth)
    }
    const onEnd = () => {
      handle.removeEventListener('pointermove', onMove)
      setDragWidth(null)
      saveWidth(lastWidth)
    }
    handle.addEventListener('pointermove', onMove)
    handle.addEventListener('lostpointercapture', onEnd, { once: true })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: width - 16,
      ArrowRight: width + 16,
      Home: WIDTH.min,
      End: WIDTH.max,
    }
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    saveWidth(clampWidth(next))
  }

  return (
    <div className={classes.frame}>
      <div className={classes.side} style={{ width }}>
        <CatalogTree />
        {/* A separator that can be moved is a control, so it is focusable. */}
        <div
          role="separator"
          aria-orientation="vertical"
          aria-label="Width of the catalog tree"
          aria-valuenow={width}
          aria-valuemin={WIDTH.min}
          aria-valuemax={WIDTH.max}
          tabIndex={0}
          className={classes.handle}
          onPointerDown={startDrag}
          onKeyDown={onKeyDown}
          onDoubleClick={() => saveWidth(WIDTH.default)}
        />
      </div>
      <div className={classes.page}>{children}</div>
    </div>
  )
}

function clampWidth(width: number): number {
  return Math.round(Math.max(WIDTH.min, Math.min(WIDTH.max, width)))
}
