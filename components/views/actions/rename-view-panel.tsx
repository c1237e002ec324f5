'use client'
import { RenamePanel } from '@/components/table/lifecycle/rename-panel'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { useRenameView, viewRenameReviewQuery } from '@/lib/client/lifecycle/views'
import { asViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import type { ViewPanelProps } from './view-panel-props'

/** Gives the view another name, and leads to it; or proposes it. */
export function RenameViewPanel({ view, onClose }: ViewPanelProps) {
  const navigateAway = useNavigateAway()
  const rename = useRenameView(view, (renamed) => navigateAway(paths.view(renamed)))
  return (
    <RenamePanel
      entry={view}
      reviewQuery={(to) => viewRenameReviewQuery(view, asViewIdentifier(to))}
      rename={{
        ...rename,
        mutate: ({ to, confirmedName }) => rename.mutate({ to: asViewIdentifier(to), confirmedName }),
      }}
      onClose={onClose}
    />
  )
}
