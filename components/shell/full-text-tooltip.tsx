'use client'
import { usePathname } from 'next/navigation'
import { type CSSProperties, useLayoutEffect, useState } from 'react'
import classes from './full-text-tooltip.module.css'

/** How far up from the pointer or the focus to look for a text that is cut. */
const MAX_LEVELS = 4
/** Elements with content rather than a name: a panel takes the focus when it opens, and an area to be scrolled. */
const AREAS =
  'main, section, aside, article, nav, form, div:not([role]), [role="dialog"], [role="group"], [role="region"], [role="tabpanel"]'
const MAX_TEXT_CHARS = 600
const GAP_PX = 4
/** Room between the tooltip and the sides of the window. */
const EDGE_PX = 8
const MAX_WIDTH_PX = 480
/** Room that a tooltip of a few lines needs. */
const MIN_ROOM_PX = 96

/** `first` is the event that the code was loaded for. */
export type FullTextTooltipProps = { first: Event }
type TooltipContent = { cut: Element; text: string; pathname: string; style: CSSProperties }

/**
 * Shows the whole of a text that ends in an ellipsis, under the pointer, a finger or the keyboard focus. Screen readers
 * read the whole text anyway. A `title` does the same for a mouse only, so there it is left to the browser.
 */
export function FullTextTooltip({ first }: FullTextTooltipProps) {
  const pathname = usePathname()
  const [shown, setShown] = useState(() => toContent(first, pathname))
  // Before it is painted: a scroll right after that has to move it, or hide it.
  useLayoutEffect(() => {
    const show = (event: Event) => setShown(toContent(event, pathname))
    const hide = () => setShown(null)
    // The focus scrolls its element into view, and the tooltip follows it.
    const follow = () =>
      setShown((last) =>
        last !== null && isAtFocus(last.cut) ? { ...last, style: toPosition(last.cut.getBoundingClientRect()) } : null,
      )
    const hideOnEscape = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') hide()
    }
    document.addEventListener('pointerover', show)
    document.addEventListener('focusin', show)
    document.addEventListener('focusout', hide)
    document.addEventListener('keydown', hideOnEscape)
    document.addEventListener('scroll', follow, { capture: true, passive: true })
    window.addEventListener('resize', hide)
    return () => {
      document.removeEventListener('pointerover', show)
      document.removeEventListener('focusin', show)
      document.removeEventListener('focusout', hide)
      document.removeEventListener('keydown', hideOnEscape)
      document.removeEventListener('scroll', follow, { capture: true })
      window.removeEventListener('resize', hide)
    }
  }, [pathname])
  if (shown === null || shown.pathname !== pathname) return null
  return (
    <div role="tooltip" className={classes.tooltip} style={shown.style}>
      {shown.text}
    </div>
  )
}

/** The tooltip of the text under the pointer, or in the focus, of an event; null if it is not cut. */
function toContent(event: Event, pathname: string): TooltipContent | null {
  const isMouse = event instanceof PointerEvent && event.pointerType === 'mouse'
  const cut = event.target instanceof Element ? findCutElement(event.target, event.type === 'focusin') : null
  if (cut === null || (isMouse && cut.closest('[title]') !== null)) return null
  // If a text is cut in the middle, the element with the ellipsis has only the beginning.
  const whole = cut.closest<HTMLElement>('[data-full-text]')?.dataset.fullText ?? shownText(cut)
  const text = whole.trim().slice(0, MAX_TEXT_CHARS)
  return text === '' ? null : { cut, text, pathname, style: toPosition(cut.getBoundingClientRect()) }
}

/** Without what is hidden at this width, as the facts of a column that a narrow page has below its name. */
function shownText(cut: Element): string {
  return cut instanceof HTMLElement ? cut.innerText : cut.textContent
}

/** The element around `target`, or the first inside a focused control or item, whose text ends in an ellipsis. */
function findCutElement(target: Element, isFocus: boolean): Element | null {
  // Data cells show long values in their own way.
  if (target.closest('div[role="grid"]') !== null) return null
  let element: Element | null = target
  for (let level = 0; element !== null && level < MAX_LEVELS; level++) {
    if (isTruncated(element)) return element
    element = element.parentElement
  }
  return isFocus && !target.matches(AREAS)
    ? ([...target.querySelectorAll('a, span, code, b, strong')].find(isTruncated) ?? null)
    : null
}

function isAtFocus(element: Element): boolean {
  const focused = document.activeElement
  return focused !== null && focused !== document.body && (element.contains(focused) || focused.contains(element))
}

function isTruncated(element: Element): boolean {
  return element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === 'ellipsis'
}

/** Below the text, or above it near the bottom of the window; never beyond the right edge. */
function toPosition({ left, top, bottom }: DOMRect): CSSProperties {
  const isBelow = innerHeight - bottom >= MIN_ROOM_PX
  const shownLeft = Math.max(EDGE_PX, Math.min(left, innerWidth - 240))
  return {
    left: shownLeft,
    maxWidth: Math.min(MAX_WIDTH_PX, innerWidth - shownLeft - EDGE_PX),
    ...(isBelow ? { top: bottom + GAP_PX } : { bottom: innerHeight - top + GAP_PX }),
  }
}
