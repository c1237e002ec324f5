import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/**
 * Scrolling over more rows than an element can be high. Browsers limit the height of an element to 16–33 M px, so the
 * scroll area is at most `MAX_SCROLL_AREA_PX` high. The position within all rows is stored separately, in real pixels:
 *
 * - the wheel moves by real pixels, and the scroll bar follows;
 * - the scroll bar (or a long swipe) jumps to its share of all rows;
 * - keys and *Go to row* set the position itself, so that every row can be reached.
 *
 * Where the page around the grid scrolls, too (on low and narrow screens), it scrolls away before the first row does.
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

export function useScaledScroll({
  contentPx,
  headerPx,
  initialTopPx = 0,
}: {
  contentPx: number
  headerPx: number
  initialTopPx?: number
}): ScaledScroll {
  const scroller = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ heightPx: 0, widthPx: 0 })
  const [leftPx, setLeftPx] = useState(0)
  const [topPx, setTopPx] = useState(initialTopPx)
  // The last scroll position that we set or handled, to ignore scroll events caused by ourselves.
  const lastScrollTop = useRef(0)
  const top = useRef(initialTopPx)
  const isPlaced = useRef(false)
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
      scrollPageDown(element, element.scrollTop - lastScrollTop.current)
      lastScrollTop.current = element.scrollTop
      top.current = maxScroll === 0 ? 0 : Math.round(Math.min(1, element.scrollTop / maxScroll) * maxTopPx)
      setTopPx(top.current)
    }
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return
      const unit = event.deltaMode === 1 ? 20 : event.deltaMode === 2 ? size.heightPx : 1
      const before = top.current
      const pagePx = scrollPageDown(element, event.deltaY * unit)
      scrollTo(before + event.deltaY * unit - pagePx)
      if (event.deltaX !== 0) element.scrollBy({ left: event.deltaX * unit })
      const isMoved = pagePx > 0 || top.current !== before
      // At either end the page scrolls. The browser would not do that, because the grid contains its scrolling.
      if (!isMoved) pageAround(element)?.scrollBy({ top: event.deltaY * unit })
      if (isMoved || event.deltaX !== 0) event.preventDefault()
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      element.removeEventListener('scroll', onScroll)
      element.removeEventListener('wheel', onWheel)
    }
  }, [scrollTo, maxTopPx, maxScroll, size.heightPx])

  const scrollToLeft = useCallback((left: number) => scroller.current?.scrollTo({ left }), [])

  // The first position can be set only after the height is known.
  useEffect(() => {
    if (isPlaced.current || size.heightPx === 0) return
    isPlaced.current = true
    if (top.current > 0) scrollTo(top.current)
  }, [size.heightPx, scrollTo])

  // Fewer rows than before (another snapshot, another result) must not leave the view below the last one.
  useEffect(() => {
    if (top.current > maxTopPx) scrollTo(maxTopPx)
  }, [maxTopPx, scrollTo])

  return { topPx: Math.min(topPx, maxTopPx), leftPx, ...size, scrollAreaPx, scrollTo, scrollToLeft, scroller }
}

/** Scrolls the page around the grid down as far as it goes. @returns by how many pixels */
function scrollPageDown(element: HTMLElement, deltaPx: number): number {
  if (deltaPx <= 0) return 0
  const page = pageAround(element)
  if (page === null) return 0
  const stepPx = Math.min(deltaPx, page.scrollHeight - page.clientHeight - page.scrollTop)
  if (stepPx < 1) return 0
  page.scrollTop += stepPx
  return stepPx
}

/** The nearest element around the grid that scrolls up and down, or null. */
function pageAround(element: HTMLElement): HTMLElement | null {
  for (let page = element.parentElement; page !== null; page = page.parentElement) {
    if (page.scrollHeight > page.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(page).overflowY)) return page
  }
  return null
}
