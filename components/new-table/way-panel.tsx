'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { Namespace } from '@/lib/iceberg/identifiers'
import type { Filling } from './new-table-form'
import { useWay } from './use-way'

export type WayPanelProps = { catalog: string; namespace: Namespace; onFill: (filling: Filling) => void }

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
