import { useEffect } from 'react'

/**
 * In place of a menu or popover whose code is not there yet: a user who turns to something else meanwhile does not get it
 * later.
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
