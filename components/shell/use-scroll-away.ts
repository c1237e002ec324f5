'use client'
import { type RefObject, useEffect } from 'react'

/**
 * In small windows headers scroll out of view, to leave the room to the content. A list with its own scroll area would
 * keep them in place, so the elements around it that have `data-scroll-away` follow its scrolling. A jump, as by a key,
 * hides the headers in either direction: a jump to the first row is made to see that row.
 */
export function useScrollAway(frame: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const lastTops = new WeakMap<HTMLElement, number>()
    const onScroll = ({ target }: Event) => {
      if (!(target instanceof HTMLElement) || target.dataset.scrollAway !== undefined) return
      const change = target.scrollTop - (lastTops.get(target) ?? 0)
      lastTops.set(target, target.scrollTop)
      const isJump = Math.abs(change) > target.clientHeight
      let outer = target.parentElement?.closest<HTMLElement>('[data-scroll-away]') ?? null
      while (outer !== null) {
        if (change > 0 || isJump) outer.scrollTop += Math.abs(change)
        else if (change < 0) outer.scrollTop = Math.min(outer.scrollTop, target.scrollTop)
        outer = outer.parentElement?.closest<HTMLElement>('[data-scroll-away]') ?? null
      }
    }
    // Scrolling does not bubble.
    element.addEventListener('scroll', onScroll, { capture: true, passive: true })
    return () => element.removeEventListener('scroll', onScroll, { capture: true })
  }, [frame])
}
