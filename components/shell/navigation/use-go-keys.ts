'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { SETTINGS } from './destinations'
import { useDestinations } from './use-destinations'

/** How long after `g` the second key is accepted. */
const KEY_PAIR_TIMEOUT_MS = 1000

/** Shortcuts such as `g h` and `g e` that open a page. Ignored while the user types in a field. */
export function useGoKeys() {
  const router = useRouter()
  const destinations = useDestinations()
  useEffect(() => {
    let pressedAtMs = Number.NEGATIVE_INFINITY
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === 'g') {
        pressedAtMs = event.timeStamp
        return
      }
      if (event.timeStamp - pressedAtMs > KEY_PAIR_TIMEOUT_MS) return
      pressedAtMs = Number.NEGATIVE_INFINITY
      const destination = [...destinations, SETTINGS].find(({ goKey }) => goKey === event.key)
      if (destination !== undefined) router.push(destination.href)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [router, destinations])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)
}
