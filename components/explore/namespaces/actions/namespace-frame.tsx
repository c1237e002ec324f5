'use client'
import type { ReactNode } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Namespace } from '@/lib/names/identifiers'
import type { Permission } from '@/lib/permissions'
import classes from './namespace-frame.module.css'
import { type NamespaceAction, useNamespaceAction } from './use-namespace-action'

const LazyNamespaceActionPanel = lazyComponent(
  async () => (await import('./namespace-action-panel')).NamespaceActionPanel,
)

/** The permission that opens each panel. A drop can be proposed. */
const PERMISSIONS: Readonly<Record<NamespaceAction, Permission>> = {
  new: 'table:write',
  about: 'table:write',
  properties: 'table:write',
  policy: 'table:maintain',
  dropped: 'table:maintain',
  drop: 'table:propose',
}

/** A page about a namespace, or about the top of a catalog, with the panel of an action next to it. */
export function NamespaceFrame({
  catalog,
  namespace,
  children,
}: {
  catalog: string
  /** Null: the top of the catalog. */
  namespace: Namespace | null
  children: ReactNode
}) {
  const [action, setAction] = useNamespaceAction()
  const isPermitted = useHasPermission((action && PERMISSIONS[action]) ?? 'table:maintain', {
    catalog,
    ...(namespace && { namespace }),
  })
  return (
    <div className="columns fill">
      {children}
      {action !== null && isPermitted === true && (
        <div className={classes.panel}>
          <LazyNamespaceActionPanel
            key={action}
            catalog={catalog}
            namespace={namespace}
            action={action}
            onClose={() => void setAction(null)}
          />
        </div>
      )}
    </div>
  )
}
