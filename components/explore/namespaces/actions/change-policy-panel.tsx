'use client'
import { Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { catalogsQuery } from '@/lib/client/catalogs'
import { changePolicyQuery, useSetChangePolicy } from '@/lib/client/table/proposals'
import { useHasPermission } from '@/lib/client/session/permissions'
import { joinNamespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import classes from './namespace-panel.module.css'
import type { NamespacePanelProps } from './namespace-panel-props'

/** Whether changes of tables and views in the namespace need two people. Admins set it. */
export function ChangePolicyPanel({ catalog, namespace, onClose }: NamespacePanelProps) {
  const policy = useQuery(changePolicyQuery(catalog, namespace))
  const { data: catalogs } = useQuery(catalogsQuery())
  const isEmbedded = catalogs?.find(({ name }) => name === catalog)?.kind === 'embedded'
  const save = useSetChangePolicy(catalog, namespace)
  const isAdmin = useHasPermission('console:admin') === true
  const [choice, setChoice] = useState<boolean | null>(null)
  const label = namespaceLabel(namespace)
  const requiredBy = policy.data?.requiredBy ?? null
  const isInherited = requiredBy !== null && joinNamespace(requiredBy) !== joinNamespace(namespace)
  const isDemanded = policy.data?.requiresProposal ?? false
  const chosen = choice ?? isDemanded
  const refusesEngines = (policy.data?.enginesBlockedBy ?? null) !== null
  const [engineChoice, setEngineChoice] = useState<boolean | null>(null)
  const includesEngines = chosen && (engineChoice ?? refusesEngines)
  const isUnchanged = chosen === isDemanded && includesEngines === refusesEngines
  const canChange = isAdmin && !isInherited
  // The policy holds its own end, too.
  const isWeaker = (isDemanded && !chosen) || (refusesEngines && !includesEngines)
  return (
    <ActionPanel
      title="Change policy"
      subtitle={label}
      entry={{ catalog, namespace }}
      query={policy}
      skeleton={[3, 1, 'Reading the policy']}
      write={save}
      unchanged="The policy was not changed."
      action={
        !canChange
          ? 'close'
          : isWeaker
            ? {
                proposed: { kind: 'relax-change-policy', requiresProposal: chosen },
                id: String(chosen),
                label: 'Save',
                fits: policy.isSuccess,
                commitProblem: 'The policy demands two people for this, too: propose it, and another user commits it.',
                commit: () => {},
              }
            : {
                label: 'Save',
                fits: policy.isSuccess && !isUnchanged,
                commit: () => save.mutate({ requiresProposal: chosen, includesEngines }, { onSuccess: onClose }),
              }
      }
      onClose={onClose}
    >
      {policy.isSuccess && (
        <>
          {canChange ? (
            <>
              <Switch
                label="Require a second person for changes"
                description="One user proposes a change of a table or a view, and another one commits it. Creating and restoring need no second person."
                checked={chosen}
                disabled={save.isPending}
                onChange={(event) => setChoice(event.currentTarget.checked)}
              />
              {isEmbedded && (
                <Switch
                  label="Apply to engines as well"
                  description="Changes over the REST catalog are refused, except appends to existing branches. Engines can still create tables and views, and move them here."
                  checked={includesEngines}
                  disabled={save.isPending || !chosen}
                  onChange={(event) => setEngineChoice(event.currentTarget.checked)}
                />
              )}
            </>
          ) : (
            <p className={classes.statement}>
              {isDemanded
                ? `Changes of tables and views require a second person: one user proposes a change, and another one commits it.${refusesEngines ? ' Engines can only append.' : ''}`
                : 'Changes need no approval.'}
            </p>
          )}
          {isInherited && (
            <p className="bare secondary dense">
              The namespace{' '}
              <Link href={`${paths.namespace(catalog, requiredBy)}?action=policy`}>{namespaceLabel(requiredBy)}</Link>{' '}
              demands it, and so for all namespaces within it.
            </p>
          )}
          {isAdmin && isWeaker && (
            <p className="bare secondary dense">
              If there is no other user, the operator of the server can switch it off:{' '}
              <code>{lakeshoreCommands.switchPolicyOff({ catalog, namespace })}</code>
            </p>
          )}
          {!isAdmin && <p className="bare secondary dense">Only admins can change it.</p>}
          <p className="bare secondary dense">
            It holds for {label} and the namespaces within it: for the console, the command line and the API. Rollback,
            undo and rewrites of files are proposed, too, and loads on the page Load or with{' '}
            <code>{lakeshoreCommands.proposeLoad()}</code>.
          </p>
        </>
      )}
    </ActionPanel>
  )
}
