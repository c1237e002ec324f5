'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { WayPanelProps } from './filling'
import { useWay } from './use-way'

const PANELS = {
  paste: lazyComponent(async () => (await import('./paste-panel')).PastePanel),
  file: lazyComponent(async () => (await import('./file-panel')).FilePanel),
  like: lazyComponent(async () => (await import('./like-panel')).LikePanel),
}

/** What the chosen way needs; nothing for the form itself. */
export function WayPanel(props: WayPanelProps) {
  const [{ way }] = useWay()
  if (way === 'declare' || way === 'register') return null
  const Panel = PANELS[way]
  return <Panel {...props} />
}
