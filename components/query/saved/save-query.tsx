'use client'
import { Button, Modal, Switch, TextInput } from '@mantine/core'
import { type FormEvent, useMemo, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useSaveQuery } from '@/lib/client/queries'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { parameterNamesIn } from '@/lib/query/parameters'
import { qualifyQuerySql } from '@/lib/query/tables/qualify-names'

const MAX_NAME_CHARS = 100

export type SaveQueryProps = {
  opened: boolean
  onClose: () => void
  /** The text to save. */
  sql: string
  /** The connection that the text is read in, which its names get; null: they mean the same everywhere. */
  chosen: { connections: readonly string[]; connection: string } | null
  /** The values of the tab, even those that the text does not name. */
  parameters: readonly QueryParameter[]
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

function SaveForm({ sql: text, chosen, parameters, source, onClose, onSaved }: Omit<SaveQueryProps, 'opened'>) {
  const changed = source?.canChange === true ? source : null
  const [name, setName] = useState(changed?.name ?? '')
  const [isShared, setIsShared] = useState(changed?.isShared ?? false)
  const sql = useMemo(() => (chosen === null ? text : qualifyQuerySql(text, chosen)), [text, chosen])
  const defaults = useMemo(() => namedParameters(sql, parameters), [sql, parameters])
  const save = useSaveQuery()
  const saveTo = (target: OpenedQuery | null) => {
    if (name.trim() === '') return
    save.mutate(
      { name: name.trim(), sql, isShared, parameters: defaults, opened: target },
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
      <Switch
        label="Share with the team"
        description={
          isSharingFixed
            ? `This query is ${changed.owner}’s, who alone can stop sharing it.`
            : 'Everyone who can sign in can read and run a shared query, each with their own permissions.'
        }
        checked={isShared}
        disabled={isSharingFixed}
        onChange={(event) => setIsShared(event.currentTarget.checked)}
      />
      {chosen !== null && sql !== text && (
        <p className="bare secondary">
          Names of tables without a connection are saved with <code>{chosen.connection}</code>, which is chosen now.
        </p>
      )}
      {defaults.length > 0 && (
        <p className="bare secondary">
          Saves the current {defaults.length > 1 ? 'values' : 'value'} of{' '}
          {defaults.map((each) => `$${each.name}`).join(', ')}.
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

/** The values of the parameters in a text. A tab keeps others, too, for a name that comes back. */
function namedParameters(sql: string, parameters: readonly QueryParameter[]): QueryParameter[] {
  const names = new Set(parameterNamesIn(sql).map((name) => name.toLowerCase()))
  return parameters.filter(({ name }) => names.has(name.toLowerCase()))
}
