'use client'
import { Autocomplete, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useReview } from '@/components/changes/action/use-review'
import { useKnownNamespaces } from '@/components/shell/use-known-namespaces'
import { StateChoice } from '@/components/table/compare/state-choice'
import { useAsOf } from '@/components/table/frame/use-as-of'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { useSettled } from '@/components/ui/use-settled'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { catalogDetailsQuery } from '@/lib/client/catalogs'
import { cloneReviewQuery, useStartClone } from '@/lib/client/lifecycle/clones'
import { useCanChooseLocation } from '@/lib/client/session/location-choice'
import { tableQuery } from '@/lib/client/table/tables'
import type { NewTableBlocker } from '@/lib/contract/table/new-tables'
import type { AsOf } from '@/lib/iceberg/as-of'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { parseNamespace } from '../parse-namespace'
import classes from '../lifecycle-panel.module.css'
import { CloneFigures } from './clone-figures'
import { INITIAL_KEEPS, type CloneKeeps, CloneKeepsFields, toChosenProperties } from './clone-keeps'

/** Copies a state of the table into a new one, after a review. The copy is a job. */
export function ClonePanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const navigateAway = useNavigateAway()
  const { asOf: shownAsOf } = useAsOf()
  const [asOf, setAsOf] = useState<AsOf>(Object.keys(shownAsOf).length === 0 ? { ref: 'main' } : shownAsOf)
  const [catalog, setCatalog] = useState(table.catalog)
  const [namespaceText, setNamespaceText] = useState(namespaceLabel(table.namespace))
  const [name, setName] = useState(`${table.table}_clone`)
  const [location, setLocation] = useState('')
  const [keeps, setKeeps] = useState<CloneKeeps>(INITIAL_KEEPS)
  const canChooseLocation = useCanChooseLocation(catalog)
  const catalogs = useQuery(catalogDetailsQuery())
  const known = useKnownNamespaces({ catalog, parent: null }, { typed: namespaceText })
  const detail = useQuery(tableQuery(table, shownAsOf))
  const namespaces = [table.namespace, ...known.namespaces]
  const target = {
    table: { catalog, namespace: parseNamespace(namespaceText, namespaces), table: name.trim() },
    location,
  }
  const requested = JSON.stringify(target)
  const reviewed = useSettled(requested)
  const isNamed = target.table.table !== '' && target.table.namespace.every((level) => level !== '')
  const start = useStartClone(table, (runId) => navigateAway(paths.run(runId)))
  const { query, data } = useReview(cloneReviewQuery(table, asOf, target), start, isNamed && reviewed === requested)
  const isCurrent = isNamed && reviewed === requested && query.isSuccess && !query.isPlaceholderData
  const blockers = (isCurrent && data?.blockers) || []
  const problems = query.data?.problems ?? []
  const canStart = isCurrent && blockers.length === 0 && problems.length === 0
  const messageOf = (...parts: NewTableBlocker['part'][]) =>
    blockers.find(({ part }) => parts.includes(part))?.message ?? null
  const tableProblem = messageOf('table')
  const startCopy = () => {
    if (data === undefined) return
    const { snapshotId, schemaId } = data
    const { isPropertyRetained: _, ...others } = keeps
    const properties = toChosenProperties(data.settings, keeps)
    start.mutate({ target, choice: { snapshotId, schemaId, ...others, properties } })
  }
  const writable = (catalogs.data ?? []).filter((one) => one.name === catalog || one.abilities.includes('create-table'))
  return (
    <ActionPanel
      title="Clone table"
      subtitle="Nothing has been copied yet"
      width={468}
      entry={table}
      write={start}
      unchanged="Nothing was copied."
      action={{ label: 'Start the copy', fits: canStart, commit: startCopy }}
      choices={
        detail.data && (
          <div className={classes.field}>
            <span className={classes.label}>State</span>
            <StateChoice label="State to clone" detail={detail.data} asOf={asOf} onChange={setAsOf} />
          </div>
        )
      }
      fields={
        <>
          <LazySelect
            label="Catalog"
            data={writable.length === 0 ? [catalog] : writable.map((one) => one.name)}
            value={catalog}
            allowDeselect={false}
            onChange={(next) => setCatalog(next ?? catalog)}
          />
          <Autocomplete
            label="Namespace"
            description="Levels are separated by dots. It must exist."
            data={[...new Set(namespaces.map(namespaceLabel))]}
            value={namespaceText}
            error={messageOf('namespace')}
            onChange={setNamespaceText}
            limit={50}
            spellCheck={false}
          />
          <TextInput
            label="Name"
            value={name}
            error={messageOf('name')}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={255}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          {(canChooseLocation || location !== '') && (
            <TextInput
              label="Location"
              value={location}
              placeholder="chosen by the catalog"
              error={messageOf('location')}
              onChange={(event) => setLocation(event.currentTarget.value)}
              maxLength={4096}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          {query.data && <CloneKeepsFields review={query.data} keeps={keeps} onChange={setKeeps} />}
        </>
      }
      query={query.error || query.isLoading ? query : null}
      skeleton={[5, 2, 'Reading what is copied']}
      warnings={[...(tableProblem === null ? [] : [tableProblem]), ...problems]}
      onClose={onClose}
    >
      {data && <CloneFigures review={data} />}
    </ActionPanel>
  )
}
