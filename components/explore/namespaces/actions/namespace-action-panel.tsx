'use client'
import type { Namespace } from '@/lib/names/identifiers'
import { ChangePolicyPanel } from './change-policy-panel'
import { CreateNamespacePanel } from './create-namespace-panel'
import { DropNamespacePanel } from './drop-namespace-panel'
import { DroppedTablesPanel } from './dropped-tables-panel'
import { NamespaceAboutPanel } from './namespace-about-panel'
import { NamespacePropertiesPanel } from './namespace-properties-panel'
import type { NamespaceAction } from './use-namespace-action'

/** The panel of an action on a namespace; at the top of a catalog only *new*. */
export function NamespaceActionPanel({
  catalog,
  namespace,
  action,
  onClose,
}: {
  catalog: string
  /** Null: the top of the catalog. */
  namespace: Namespace | null
  action: NamespaceAction
  onClose: () => void
}) {
  if (action === 'new') return <CreateNamespacePanel catalog={catalog} parent={namespace} onClose={onClose} />
  if (namespace === null) return null
  const Panel = {
    about: NamespaceAboutPanel,
    properties: NamespacePropertiesPanel,
    policy: ChangePolicyPanel,
    dropped: DroppedTablesPanel,
    drop: DropNamespacePanel,
  }[action]
  return <Panel catalog={catalog} namespace={namespace} onClose={onClose} />
}
