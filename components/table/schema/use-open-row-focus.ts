import { type RefObject, useEffect, useRef } from 'react'
import { keepFocusNearby } from '@/components/ui/keep-focus-nearby'

/**
 * Keeps the focus in the columns when the fields of one are shown or closed, which removes the fields and buttons that
 * had it. The focus moves to the name of a new row, and back to the button of a closed one, or to the table if that row
 * is folded. It stays near a removed row.
 */
export function useOpenRowFocus(openId: number | null): RefObject<HTMLDivElement | null> {
  const root = useRef<HTMLDivElement>(null)
  const lastId = useRef(openId)
  useEffect(() => keepFocusNearby(root.current), [])
  useEffect(() => {
    const closedId = lastId.current
    lastId.current = openId
    if (openId === closedId) return
    // A menu gives the focus back when it has closed.
    const frame = requestAnimationFrame(() => {
      const table = root.current
      if (table === null || (document.activeElement !== null && document.activeElement !== document.body)) return
      const inRow = (fieldId: number | null, what: string) =>
        table.querySelector<HTMLElement>(`[data-field-id="${fieldId}"] ${what}`)
      const target =
        (openId === null ? null : inRow(openId, 'input')) ??
        inRow(closedId, '[data-tree-stop]') ??
        table.querySelector<HTMLElement>('[role="group"]')
      target?.focus()
    })
    return () => cancelAnimationFrame(frame)
  }, [openId])
  return root
}
