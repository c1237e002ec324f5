'use client'
import { Button, Modal, Switch, TextInput } from '@mantine/core'
import { type FormEvent, useMemo, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useSaveQuery } from '@/lib/client/queries'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import type { QueryTab } from '@/lib/client/query/query-tabs'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { isUsualDisplay, type ResultDisplay, type ResultView } from '@/lib/query/result-display'
import { asOfLabel } from '../as-of/as-of-label'
import { namedParameters } from './named-parameters'
import { SameNameNote } from './same-name-note'

const MAX_NAME_CHARS = 100
const VIEW_TEXTS: Readonly<Record<ResultView, string>> = {
  grid: 'a grid',
  chart: 'a chart',
  both: 'a grid and a chart',
}

export type SaveQueryProps = {
  opened: boolean
  onClose: () => void
  /** The text to save. */
  sql: string
  connections: readonly string[]
  /** The connection of the names without one, which is saved with the text; empty while it is not known. */
  connection: string
  /** The values of the tab, even those that the text does not name. */
  parameters: readonly QueryParameter[]
  /** How the tab shows the result. */
  display: ResultDisplay
  /** At what the tab reads tables, which is not saved; null for now. */
  asOf: QueryTab['asOf']
  /** The saved query that the text was opened from. */
  source: OpenedQuery | null
  onSaved: (query: OpenedQuery) => void
}

/** Saves the text in the editor under a name: as a new query, or over the query that it was opened from. */
export function SaveQuery({ opened, onClose, ...form }: SaveQueryProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Save query"
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {/* Mounted each time it opens, so that it begins with the current query. */}
      <SaveForm {...form} onClose={onClose} />
    </Modal>
  )
}

function SaveForm(props: Omit<SaveQueryProps, 'opened'>) {
  const { sql, connections, connection, parameters, display, asOf, source, onClose, onSaved } = props
  const timeZone = useTimeZone()
  const changed = source?.canChange === true ? source : null
  const [name, setName] = useState(changed?.name ?? '')
  const [folder, setFolder] = useState(changed?.folder ?? '')
  const [isShared, setIsShared] = useState(changed?.isShared ?? false)
  const defaults = useMemo(() => namedParameters(sql, parameters), [sql, parameters])
  const save = useSaveQuery()
  const saveTo = (target: OpenedQuery | null) => {
    if (name.trim() === '') return
    save.mutate(
      {
        name: name.trim(),
        folder: folder.trim() || null,
        sql,
        isShared,
        ...(connection !== '' && { connection }),
        parameters: defaults,
        display: isUsualDisplay(display) ? null : display,
        opened: target,
      },
      {
        onSuccess: (query) => {
          onSaved(query)
          onClose()
        },
      },
    )
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    saveTo(changed)
  }
  // Only its owner can stop sharing a query.
  const isSharingFixed = changed !== null && !changed.isOwn
  return (
    <form onSubmit={submit} className="stack gap-12">
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={MAX_NAME_CHARS}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label="Folder"
        description="Optional. The list of saved queries is grouped by folder."
        value={folder}
        onChange={(event) => setFolder(event.currentTarget.value)}
        maxLength={MAX_NAME_CHARS}
        autoComplete="off"
      />
      <Switch
        label="Share with the team"
        description={
          isSharingFixed
            ? `This query is ${changed.owner}’s, who alone can stop sharing it.`
            : 'Everyone who may read what it names can open and run it, each with their own permissions.'
        }
        checked={isShared}
        disabled={isSharingFixed}
        onChange={(event) => setIsShared(event.currentTarget.checked)}
      />
      <SameNameNote name={name.trim()} folder={folder.trim() || null} savedId={changed?.queryId ?? null} />
      {connections.length > 1 && (
        <p className="bare secondary">
          Names of tables without a connection mean <code>{connection}</code>, which is chosen now, for every reader.
        </p>
      )}
      {defaults.length > 0 && (
        <p className="bare secondary">
          Saves the current {defaults.length > 1 ? 'values' : 'value'} of{' '}
          {defaults.map((each) => `$${each.name}`).join(', ')}.
        </p>
      )}
      {!isUsualDisplay(display) && (
        <p className="bare secondary">Also saves how the result is shown: as {VIEW_TEXTS[display.view]}.</p>
      )}
      {asOf !== null && (
        <p className="bare secondary">
          Does not save <i>As of {asOfLabel(asOf, timeZone)}</i>: the saved query reads the tables as they are when it
          runs. Write the version in the SQL to keep it.
        </p>
      )}
      {save.error && <ProblemNote error={save.error} unchanged="The query was not saved." />}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onClose} disabled={save.isPending}>
          Cancel
        </Button>
        {changed && (
          <Button variant="default" onClick={() => saveTo(null)} disabled={save.isPending || name.trim() === ''}>
            Save as a copy
          </Button>
        )}
        <WaitingButton type="submit" loading={save.isPending} disabled={name.trim() === ''}>
          Save
        </WaitingButton>
      </div>
    </form>
  )
}
