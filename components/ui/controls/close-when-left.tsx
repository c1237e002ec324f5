import { useEffect } from 'react'

/**
 * Replaces a menu or popover until its code has loaded: if the user turns to something else in the meantime, it does
 * not open later.
 */
export function CloseWhenLeft({ onClose }: { onClose: () => void }) {
  useEffect(() => {
    const left = new AbortController()
    const options = { capture: true, signal: left.signal }
    const onKeyDown = ({ key }: KeyboardEvent) => {
      if (key === 'Escape' || key === 'Tab') onClose()
    }
    document.addEventListener('keydown', onKeyDown, options)
    document.addEventListener('pointerdown', onClose, options)
    return () => left.abort()
  }, [onClose])
  return null
}
