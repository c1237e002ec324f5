'use client'
import { useLocalStorage } from '@mantine/hooks'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react'
import { ActionIcon } from '@mantine/core'
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react'
import { HIDDEN_TREE_COOKIE, writeCookie } from '@/lib/cookies'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { CatalogTree } from './catalog-tree'
import classes from './explore-frame.module.css'

const WIDTH = { min: 180, default: 224, max: 420 } as const

/**
 * Explore: the page next to the catalog tree, which can be resized and hidden. Pages below 768 px have no tree.
 *
 * @param props.isInitiallyHidden whether the user hid the tree on an earlier page
 */
export function ExploreFrame({
  isInitiallyHidden = false,
  children,
}: {
  isInitiallyHidden?: boolean
  children: ReactNode
}) {
  const [isHidden, setIsHidden] = useState(isInitiallyHidden)
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
    <div className="columns fill">
      <div className={isHidden ? classes.hidden : classes.side} style={isHidden ? {} : { width }}>
        <TreeToggle
          isHidden={isHidden}
          onToggle={() => {
            writeCookie(HIDDEN_TREE_COOKIE, isHidden ? '' : '1')
            setIsHidden(!isHidden)
          }}
        />
        {!isHidden && <CatalogTree />}
        {/* A separator that can be moved is a control, so it is focusable. */}
        {!isHidden && (
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
        )}
      </div>
      <div className={classes.page}>{children}</div>
    </div>
  )
}

/** One button for both, so that it keeps the focus. */
function TreeToggle({ isHidden, onToggle }: { isHidden: boolean; onToggle: () => void }) {
  const label = isHidden ? 'Show catalog tree' : 'Hide catalog tree'
  const Icon = isHidden ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  return (
    <Tooltip label={label}>
      <ActionIcon className={classes.toggle} aria-label={label} onClick={onToggle}>
        <Icon size={16} stroke={1.6} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}

function clampWidth(width: number): number {
  return Math.round(Math.max(WIDTH.min, Math.min(WIDTH.max, width)))
}
