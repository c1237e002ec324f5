import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/**
 * Scrolling over more rows than an element can be high. Browsers limit the height of an element to 16–33 M px, so the
 * scroll area is at most `MAX_SCROLL_AREA_PX` high. The position within all rows is stored separately, in real pixels:
 *
 * - the wheel moves by real pixels, and the scroll bar follows;
 * - the scroll bar (or a long swipe) jumps to its share of all rows;
 * - keys and *Go to row* set the position itself, so that every row can be reached.
 */
export const MAX_SCROLL_AREA_PX = 8_000_000

export type ScaledScroll = {
  /** Position within all rows, in real pixels. */
  topPx: number
  leftPx: number
  /** Visible height for rows, and visible width, in pixels. */
  heightPx: number
  widthPx: number
  /** Height of the scroll area. */
  scrollAreaPx: number
  /** Moves the rows; clamped. */
  scrollTo: (topPx: number) => void
  /** Moves the columns. */
  scrollToLeft: (leftPx: number) => void
  /** Ref of the scrolling element. */
  scroller: RefObject<HTMLDivElement | null>
}

export function useScaledScroll({ contentPx, headerPx }: { contentPx: number; headerPx: number }): ScaledScroll {
  const scroller = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ heightPx: 0, widthPx: 0 })
  const [leftPx, setLeftPx] = useState(0)
  const [topPx, setTopPx] = useState(0)
  // The last scroll position that we set or handled, to ignore scroll events caused by ourselves.
  const lastScrollTop = useRef(0)
  const top = useRef(0)
  const scrollAreaPx = Math.min(contentPx, MAX_SCROLL_AREA_PX)
  const maxTopPx = Math.max(0, contentPx - size.heightPx)
  const maxScroll = Math.max(0, scrollAreaPx - size.heightPx)

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const measure = () =>
      setSize({ heightPx: Math.max(0, element.clientHeight - headerPx), widthPx: element.clientWidth })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [headerPx])

  const scrollTo = useCallback(
    (targetPx: number) => {
      // Whole pixels, so that lines stay sharp.
      const next = Math.round(Math.min(Math.max(0, targetPx), maxTopPx))
      top.current = next
      setTopPx(next)
      const element = scroller.current
      if (!element) return
      const position = maxTopPx === 0 ? 0 : (next / maxTopPx) * maxScroll
      element.scrollTo({ top: position })
      lastScrollTop.current = element.scrollTop
    },
    [maxTopPx, maxScroll],
  )

  useEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const onScroll = () => {
      setLeftPx(element.scrollLeft)
      if (Math.abs(element.scrollTop - lastScrollTop.current) < 1) return
      lastScrollTop.current = element.scrollTop
      top.current = maxScroll === 0 ? 0 : Math.round(Math.min(1, element.scrollTop / maxScroll) * maxTopPx)
      setTopPx(top.current)
    }
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return
      const unit = event.deltaMode === 1 ? 20 : event.deltaMode === 2 ? size.heightPx : 1
      const before = top.current
      scrollTo(before + event.deltaY * unit)
      if (event.deltaX !== 0) element.scrollBy({ left: event.deltaX * unit })
      // At either end the event is left to the page.
      if (top.current !== before || event.deltaX !== 0) event.preventDefault()
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      element.removeEventListener('scroll', onScroll)
      element.removeEventListener('wheel', onWheel)
    }
  }, [scrollTo, maxTopPx, maxScroll, size.heightPx])

  const scrollToLeft = useCallback((left: number) => scroller.current?.scrollTo({ left }), [])

  // Fewer rows than before (another snapshot, another result) must not leave the view below the last one.
  useEffect(() => {
    if (top.current > maxTopPx) scrollTo(maxTopPx)
  }, [maxTopPx, scrollTo])

  return { topPx: Math.min(topPx, maxTopPx), leftPx, ...size, scrollAreaPx, scrollTo, scrollToLeft, scroller }
}
