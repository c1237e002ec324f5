'use client'
import { type ComponentType, useEffect, useState } from 'react'
import type { FullTextTooltipProps } from './full-text-tooltip'

type Loaded = { Tooltip: ComponentType<FullTextTooltipProps>; first: Event }

/** The tooltip of cut texts. Its code is loaded when the pointer or the focus moves for the first time. */
export function LazyFullTextTooltip() {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const isLoaded = loaded !== null
  useEffect(() => {
    if (isLoaded) return
    const load = (first: Event) =>
      void import('./full-text-tooltip').then(
        ({ FullTextTooltip }) => setLoaded({ Tooltip: FullTextTooltip, first }),
        () => undefined, // the next event loads it again
      )
    document.addEventListener('pointerover', load)
    document.addEventListener('focusin', load)
    return () => {
      document.removeEventListener('pointerover', load)
      document.removeEventListener('focusin', load)
    }
  }, [isLoaded])
  return loaded && <loaded.Tooltip first={loaded.first} />
}
