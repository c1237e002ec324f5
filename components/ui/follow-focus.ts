import { isFocusLost } from './is-focus-lost'

const CONTROLS = 'a[href], button, input, select, textarea, [tabindex]'

/** Starts `keepFocusNearby` with the control that has the focus now. */
export function followFocus(element: HTMLElement): () => void {
  const around = element.parentElement?.closest<HTMLElement>('[tabindex]')
  let last: HTMLElement | null = null

  const remember = () => {
    const { activeElement } = document
    if (activeElement instanceof HTMLElement && activeElement !== element && element.contains(activeElement)) {
      last = activeElement
      return
    }
    // Not when the focus is in a popup that the control opened.
    const popup = activeElement?.closest('[role="menu"], [role="dialog"]')
    if (popup == null || popup.contains(element)) last = null
  }
  const observer = new MutationObserver((changes) => {
    if (last === null) return
    const control = last
    const change = changes.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(control)))
    if (change === undefined && !control.matches(OFF)) return
    // In the next frame, because a panel that the control has opened takes the focus first.
    requestAnimationFrame(() => {
      if (last !== control || (control.isConnected && !control.matches(OFF))) return
      last = null
      if (!isFocusLost() && document.activeElement !== control) return
      const controls = controlsIn(element)
      const next = controls.find((one) => (change === undefined ? isAfter(control, one) : isAfterGap(change, one)))
      ;(next ?? controls.at(-1))?.focus()
    })
  })
  remember()
  document.addEventListener('focusin', remember)
  observer.observe(element, { subtree: true, childList: true, attributeFilter: ['disabled'] })

  return () => {
    document.removeEventListener('focusin', remember)
    observer.disconnect()
    if (last === null) return
    // Later than a panel returns the focus to its opener.
    requestAnimationFrame(() => requestAnimationFrame(() => isFocusLost() && around?.focus()))
  }
}

/** A button that waits is disabled, too, and takes the focus back itself. */
const OFF = ':disabled:not([data-loading])'

/** The elements that Tab reaches within the element, in page order. */
function controlsIn(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(CONTROLS)].filter(
    (control) => control.tabIndex >= 0 && !control.matches(':disabled') && control.checkVisibility(),
  )
}

/** Whether the control comes after the position of the removed nodes. */
function isAfterGap({ nextSibling, target }: MutationRecord, control: HTMLElement): boolean {
  if (nextSibling?.isConnected) return nextSibling.contains(control) || isAfter(nextSibling, control)
  return !target.contains(control) && isAfter(target, control)
}

function isAfter(node: Node, control: HTMLElement): boolean {
  return (node.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
}
