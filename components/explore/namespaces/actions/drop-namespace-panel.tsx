'use client'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useReview } from '@/components/changes/action/use-review'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { namespaceDropReviewQuery, useDropNamespace } from '@/lib/client/lifecycle/namespaces'
import { parentPath } from '@/lib/paths/parent-path'
import { dropLabel, namespaceDropParts } from './dropped-contents'
import type { NamespacePanelProps } from './namespace-panel-props'

/** Drops a namespace with what is in it, which it lists, or proposes that; of one that cannot be dropped it says why. */
export function DropNamespacePanel({ catalog, namespace, onClose }: NamespacePanelProps) {
  const navigateAway = useNavigateAway()
  const drop = useDropNamespace(catalog, namespace, () => navigateAway(parentPath({ catalog, namespace })))
  const { query, data } = useReview(namespaceDropReviewQuery(catalog, namespace), drop)
  return (
    <ActionPanel
      title="Drop namespace"
      entry={{ catalog, namespace }}
      query={query}
      {...namespaceDropParts(data)}
      write={drop}
      action={
        data === undefined
          ? null
          : data.problems.length > 0
            ? 'close'
            : {
                proposed: { kind: 'drop-namespace' },
                label: dropLabel(data),
                commitProblem: data.policyBlockers.length === 0 ? null : data.policyBlockers.join(' '),
                needsConfirmation: true,
                commit: (confirmedName = '') => drop.mutate({ confirmedName, contents: data.contents }),
              }
      }
      onClose={onClose}
    />
  )
}
