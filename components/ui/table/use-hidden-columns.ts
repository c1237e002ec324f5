'use client'
import { type RefObject, useEffect, useState } from 'react'

/** Whether columns are hidden behind the right edge of a scroller. Follows scrolling and every change of size. */
export function useHiddenColumns(scroller: RefObject<HTMLElement | null>): boolean {
  const [hasHiddenColumns, setHasHiddenColumns] = useState(false)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    // Sizes are rounded, so a difference of one pixel does not hide a column.
    const measure = () =>
      setHasHiddenColumns(element.scrollWidth - element.clientWidth - Math.abs(element.scrollLeft) > 1)
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    element.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', measure)
    }
  }, [scroller])
  return hasHiddenColumns
}
