'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import type { SourcePanelProps } from './filling'
import { useTableSource } from './use-table-source'

const PANELS = {
  paste: lazyComponent(async () => (await import('./paste-panel')).PastePanel),
  file: lazyComponent(async () => (await import('./file-panel')).FilePanel, {
    loading: () => <SkeletonRows rows={8} columns={5} label="Reading the file" />,
  }),
  like: lazyComponent(async () => (await import('./like-panel')).LikePanel),
}

/** The inputs of the chosen source; empty for the form itself. */
export function SourcePanel(props: SourcePanelProps) {
  const [{ source }] = useTableSource()
  if (source === 'declare' || source === 'register') return null
  const Panel = PANELS[source]
  return <Panel {...props} />
}
