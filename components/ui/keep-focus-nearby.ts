import { loadCode } from '@/lib/load-code'

/**
 * A ref. When the control with the focus is removed from the element or disabled, the focus moves to the next control,
 * or at the end to the last one. When the element itself is removed, the focus moves to the nearest element around it
 * that can have it. Otherwise the keyboard would begin at the top of the page again. Its code is loaded when the
 * element has the focus for the first time.
 */
export function keepFocusNearby(element: HTMLElement | null): (() => void) | undefined {
  if (element === null) return undefined
  let exists = true
  let end: (() => void) | undefined
  const load = async () => {
    const followFocus = await loadCode(async () => (await import('./follow-focus')).followFocus)
    if (exists) end = followFocus(element)
  }
  const begin = () => void load()
  element.addEventListener('focusin', begin, { once: true })
  return () => {
    exists = false
    element.removeEventListener('focusin', begin)
    end?.()
  }
}
