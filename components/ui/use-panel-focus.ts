import { type RefObject, useEffect, useRef } from 'react'
import { latestMenuOpener } from './controls/menu-opener'
import { isFocusLost } from './is-focus-lost'
import { keepFocusNearby } from './keep-focus-nearby'
import { isPageCovered } from './use-is-page-covered'

/** Open panels, in the order in which they were opened. */
const openPanels: HTMLElement[] = []

/**
 * Focus and Escape of a side panel. Closing it returns the focus to the element that had it before, or to one of the
 * same kind and name if that element was rendered again in the meantime. Escape closes the panel with the focus, or the
 * most recently opened one. In a window so narrow that the panel covers the page, it takes the focus, and Tab stays
 * within it.
 *
 * @param options.takesFocus whether the panel takes the focus when it opens next to the page. A panel always takes a
 * focus that would otherwise be lost because its opener was removed, and keeps it near an element that is removed from
 * the panel.
 */
export function usePanelFocus(
  panel: RefObject<HTMLElement | null>,
  { takesFocus, onClose }: { takesFocus: boolean; onClose: () => void },
): void {
  const latestOnClose = useRef(onClose)
  useEffect(() => {
    latestOnClose.current = onClose
  })

  useEffect(() => {
    const element = panel.current
    if (element === null) return
    let opener = lastFocused
    const onFocusIn = ({ target }: FocusEvent) => {
      if (!(target instanceof Node && element.contains(target))) opener = lastFocused
    }
    document.addEventListener('focusin', onFocusIn)
    openPanels.push(element)
    const endKeeping = keepFocusNearby(element)
    if ((takesFocus || isPageCovered()) && !isInDialog(document.activeElement)) element.focus({ preventScroll: true })
    const frame = requestAnimationFrame(() => {
      if (isFocusLost()) element.focus({ preventScroll: true })
    })
    return () => {
      document.removeEventListener('focusin', onFocusIn)
      cancelAnimationFrame(frame)
      endKeeping?.()
      openPanels.splice(openPanels.indexOf(element), 1)
      // The content that the panel replaced may be rendered only after the panel is removed.
      if (isFocusLost()) requestAnimationFrame(() => isFocusLost() && findOpener(opener)?.focus())
    }
  }, [panel, takesFocus])

  useEffect(() => {
    const element = panel.current
    if (element === null) return
    let isForPanel = false
    // Decided before any control reacts, because a menu that Escape closes is removed by then.
    const onCapture = ({ key, target }: KeyboardEvent) => {
      isForPanel = key === 'Escape' && !handlesEscape(target) && panelFor(target) === element
    }
    const onBubble = (event: KeyboardEvent) => {
      if (event.key === 'Tab' && !event.defaultPrevented && isPageCovered()) {
        const next = nextWithin(element, event.shiftKey)
        if (next === null) return
        event.preventDefault()
        next.focus()
      }
      if (isForPanel && event.key === 'Escape' && !event.defaultPrevented) latestOnClose.current()
    }
    window.addEventListener('keydown', onCapture, true)
    // Not on the window: an open tooltip stops the event there.
    document.addEventListener('keydown', onBubble)
    return () => {
      window.removeEventListener('keydown', onCapture, true)
      document.removeEventListener('keydown', onBubble)
    }
  }, [panel])
}

/** Whether someone is at work in a dialog above the page, such as the palette: a panel whose code arrives late stays behind. */
function isInDialog(focused: Element | null): boolean {
  const dialog = focused?.closest<HTMLElement>('[role="dialog"][aria-modal="true"]')
  return dialog != null && !openPanels.includes(dialog)
}

const TABBABLE = 'a[href], button, input, select, textarea, summary, [tabindex]'

/** Where Tab leads when it would leave the panel: to its other end. Null: it stays within the panel by itself. */
function nextWithin(panel: HTMLElement, isBackwards: boolean): HTMLElement | null {
  const { activeElement } = document
  if (activeElement === null || !panel.contains(activeElement)) return null
  const tabbable = [...panel.querySelectorAll<HTMLElement>(TABBABLE)].filter(
    (element) => element.tabIndex >= 0 && !element.matches(':disabled') && element.checkVisibility(),
  )
  const [first, last] = [tabbable[0], tabbable.at(-1)]
  if (isBackwards) return activeElement === first || activeElement === panel ? (last ?? null) : null
  return activeElement === last ? (first ?? null) : null
}

function panelFor(target: EventTarget | null): HTMLElement | undefined {
  return openPanels.find((panel) => target instanceof Node && panel.contains(target)) ?? openPanels.at(-1)
}

/** Whether the key belongs to a dialog that is not a panel, a menu, an open list, or a filter that it clears. */
function handlesEscape(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  if (target instanceof HTMLInputElement && target.type === 'search' && target.value !== '') return true
  const around = target.closest('[role="dialog"], [role="menu"], [role="listbox"], [aria-expanded="true"]')
  return around !== null && !openPanels.some((panel) => panel === around)
}

type Opener = { element: HTMLElement; name: string; ancestors: readonly HTMLElement[] }

/** Recorded before the element is removed: opening a panel may replace the very button that opened it. */
let lastFocused: Opener | null = null
if (typeof document !== 'undefined') {
  // Opening the first panel of a page may load this module, after its opener got the focus. If that was a menu, the
  // focus is still in it, or nowhere for a moment.
  const isFromMenu = isFocusLost() || document.activeElement?.closest('[role="menu"]') != null
  lastFocused = describeOpener(isFromMenu ? latestMenuOpener() : document.activeElement)
  // Before the listeners of open panels.
  document.addEventListener('focusin', () => rememberFocus(document), true)
}

/** An item of a menu is removed with the menu, so the opener of the menu is the opener of the panel. */
function rememberFocus({ activeElement }: Document): void {
  if (activeElement?.closest('[role="menu"]') == null) lastFocused = describeOpener(activeElement)
}

function describeOpener(element: EventTarget | null): Opener | null {
  if (!(element instanceof HTMLElement)) return null
  const ancestors: HTMLElement[] = []
  for (let up = element.parentElement; up !== null; up = up.parentElement) {
    if (up.hasAttribute('tabindex')) ancestors.push(up)
  }
  return { element, name: accessibleName(element), ancestors }
}

/** The element, one that was rendered in its place, or the nearest ancestor that can have the focus. */
function findOpener(opener: Opener | null): HTMLElement | null {
  if (opener === null) return null
  const { element, name, ancestors } = opener
  if (element.isConnected) return element
  const sameKind = [...document.querySelectorAll<HTMLElement>(element.tagName)]
  const replacement = name === '' ? undefined : sameKind.find((candidate) => accessibleName(candidate) === name)
  return replacement ?? ancestors.find(({ isConnected }) => isConnected) ?? null
}

function accessibleName(element: HTMLElement): string {
  return element.getAttribute('aria-label') ?? element.textContent.trim()
}
