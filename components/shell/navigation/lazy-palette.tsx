'use client'
import { useHotkeys } from '@mantine/hooks'
import { type ComponentType, useEffect, useRef, useState } from 'react'
import { loadCode } from '@/lib/load-code'
import { awaitTypedAhead, endTypedAhead } from './typed-ahead'

type PaletteProps = { onShortcuts: () => void; onTimeZone: () => void }
type LoadedPalette = { CommandPalette: ComponentType<PaletteProps>; open: () => void }

/** The palette of the page; null until the page is interactive. */
let shownPalette: { open: () => void; prepare: () => void } | null = null

/** Opens the palette, after loading its code if necessary. */
export function openPalette(): void {
  shownPalette?.open()
}

/** Loads the palette's code: the user is about to open it. */
export function preparePalette(): void {
  shownPalette?.prepare()
}

/** The palette, which is loaded when it is first opened. Its keys work from the start. */
export function LazyPalette(props: PaletteProps) {
  const [palette, setPalette] = useState<LoadedPalette | null>(null)
  const [failure, setFailure] = useState<{ error: unknown } | null>(null)
  const isRequested = useRef(false)

  const prepare = () => {
    void loadPalette().then(setPalette, () => undefined) // reported when it is opened
  }
  const open = () => {
    if (palette) return palette.open()
    isRequested.current = true
    // The user types on while the code loads.
    awaitTypedAhead(() => {
      isRequested.current = false
    })
    void loadCode(loadPalette).then(setPalette, (error: unknown) => {
      endTypedAhead()
      setFailure({ error })
    })
  }

  useEffect(() => {
    if (palette && isRequested.current) palette.open()
  }, [palette])
  useEffect(() => endTypedAhead, [])
  useEffect(() => {
    shownPalette = { open, prepare }
    // The keys are pressed one after the other, which gives the code time to load.
    const onKeyDown = ({ key }: KeyboardEvent) => {
      if (key === 'Control' || key === 'Meta') prepare()
    }
    if (!palette) document.addEventListener('keydown', onKeyDown)
    return () => {
      shownPalette = null
      document.removeEventListener('keydown', onKeyDown)
    }
  })
  // The loaded palette listens to the same keys.
  useHotkeys(palette ? [] : [['mod + K', open]], [], true)

  // A palette that cannot be loaded is an error of the page, not a key without effect.
  if (failure) throw failure.error
  return palette && <palette.CommandPalette {...props} />
}

let loaded: LoadedPalette | null = null

async function loadPalette(): Promise<LoadedPalette> {
  const [{ CommandPalette }, { palette }] = await Promise.all([import('./command-palette'), import('./palette-store')])
  // The same object each time: it is the state of the component.
  loaded ??= { CommandPalette, open: palette.open }
  return loaded
}
