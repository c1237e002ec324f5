import { type RefObject, useEffect, useState } from 'react'

const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex="0"]'

/**
 * Lets the keyboard scroll a region that has more than it shows and nothing inside that takes the focus.
 *
 * @returns the `tabIndex` of the region
 */
export function useReachableScroll(region: RefObject<HTMLElement | null>): 0 | undefined {
  const [isReachable, setReachable] = useState(true)
  useEffect(() => {
    const element = region.current
    if (element === null) return
    const judge = () =>
      setReachable(
        (element.scrollHeight <= element.clientHeight && element.scrollWidth <= element.clientWidth) ||
          element.querySelector(FOCUSABLE) !== null,
      )
    const sizes = new ResizeObserver(judge)
    sizes.observe(element)
    // Its content may grow, and get or lose controls, while it keeps its size.
    const contents = new MutationObserver(judge)
    contents.observe(element, { subtree: true, childList: true, attributeFilter: ['disabled', 'open'] })
    return () => {
      sizes.disconnect()
      contents.disconnect()
    }
  }, [region])
  return isReachable ? undefined : 0
}
