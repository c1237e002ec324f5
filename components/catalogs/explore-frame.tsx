'use client'
import { useLocalStorage } from '@mantine/hooks'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react'
import { CatalogTree } from './catalog-tree'
import classes from './explore-frame.module.css'

const WIDTH = { least: 180, usual: 224, most: 420 } as const

/** Explore: the catalog tree beside the page, as wide as the person likes it. Below 768 px the page is alone. */
export function ExploreFrame({ children }: { children: ReactNode }) {
  const [kept, keep] = useLocalStorage<number>({ key: 'lakeshore-tree-width', defaultValue: WIDTH.usual })
  const [dragged, setDragged] = useState<number | null>(null)
  const width = bounded(dragged ?? kept)

  const drag = (down: PointerEvent<HTMLDivElement>) => {
    const handle = down.currentTarget
    const startWidth = width
    let last = startWidth
    handle.setPointerCapture(down.pointerId)
    const move = (event: globalThis.PointerEvent) => {
      last = bounded(startWidth + event.clientX - down.clientX)
      setDragged(last)
    }
    const end = () => {
      handle.removeEventListener('pointermove', move)
      setDragged(null)
      keep(last)
    }
    handle.addEventListener('pointermove', move)
    handle.addEventListener('lostpointercapture', end, { once: true })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: width - 16,
      ArrowRight: width + 16,
      Home: WIDTH.least,
      End: WIDTH.most,
    }
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    keep(bounded(next))
  }

  return (
    <div className={classes.frame}>
      <div className={classes.side} style={{ width }}>
        <CatalogTree />
        {/* A separator that can be moved is a control, so it takes the focus. */}
        <div
          role="separator"
          aria-orientation="vertical"
          aria-label="Width of the catalog tree"
          aria-valuenow={width}
          aria-valuemin={WIDTH.least}
          aria-valuemax={WIDTH.most}
          tabIndex={0}
          className={classes.handle}
          onPointerDown={drag}
          onKeyDown={onKeyDown}
          onDoubleClick={() => keep(WIDTH.usual)}
        />
      </div>
      <div className={classes.page}>{children}</div>
    </div>
  )
}

function bounded(width: number): number {
  return Math.round(Math.max(WIDTH.least, Math.min(WIDTH.most, width)))
}
