'use client'
import { IconCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { usesQuery } from '@/lib/client/table/uses'
import type { TableUse } from '@/lib/contract/table/uses'
import { entryKind, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { mightBreak, type ReaderEffect, summarizeEffects } from '@/lib/uses/reader-effects'
import { limitsOfUses, NO_CLIENTS_OF_VIEWS } from '@/lib/uses/use-texts'
import classes from './reader-list.module.css'
import { ReaderGroups } from './reader-groups'
import { RecentClientsText } from './recent-clients'

type ReaderEffectsNoteProps = {
  entry: TableIdentifier | ViewIdentifier
  /** The effects on the readers of the entry. */
  toEffects: (uses: readonly TableUse[]) => ReaderEffect[]
  /**
   * The objects that readers lose: then it also says that no reader is known, or that they are being read. Null: none.
   */
  lost: 'columns' | 'entry' | null
  /** A button that mends a reader in place of its link. */
  remedy?: ((effect: ReaderEffect) => ReactNode) | undefined
}

const NONE_OF_COLUMNS =
  'Nothing that you may read uses these columns: no view, check, saved query, schedule or proposal.'
const CLIENTS_OF_COLUMNS = 'Clients find columns in the files by field id. The names in their queries are not known. '

/** The readers that a change concerns, each with what happens to it and a link to where it is mended. */
export function ReaderEffectsNote({ entry, toEffects, lost, remedy }: ReaderEffectsNoteProps) {
  const { data, error } = useQuery(usesQuery(entry))
  const kind = entryKind(entry)
  if (error)
    return (
      <WarningNote>
        What uses the {kind} could not be read, so it is not known: {error.message}
      </WarningNote>
    )
  if (data === undefined && lost === null) return null
  if (data === undefined) return <p className="bare secondary dense">Looking for what uses the {kind}…</p>
  const effects = toEffects(data.uses)
  if (effects.length === 0 && lost === null) return null
  const limits = limitsOfUses(data)
    .map((limit) => `${limit} `)
    .join('')
  const ofClients =
    'view' in entry ? (
      NO_CLIENTS_OF_VIEWS
    ) : (
      <RecentClientsText table={entry} note={lost === 'columns' ? CLIENTS_OF_COLUMNS : ''} />
    )
  const none =
    lost === 'entry'
      ? `Nothing that you may read uses this ${kind}: no view, check, saved query, schedule or proposal.`
      : NONE_OF_COLUMNS
  const summary = (
    <>
      <strong>{effects.length === 0 ? none : summarizeEffects(effects)}</strong> {limits}
      {ofClients}
    </>
  )
  return (
    <section
      aria-label={lost === 'entry' ? `What uses the ${kind}` : 'What reads these columns'}
      className={classes.note}
    >
      {mightBreak(effects) ? (
        <WarningNote>{summary}</WarningNote>
      ) : (
        <p className={classes.summary}>
          <IconCheck size={15} stroke={1.6} aria-hidden />
          <span>{summary}</span>
        </p>
      )}
      {effects.length > 0 && <ReaderGroups effects={effects} catalog={entry.catalog} remedy={remedy} />}
    </section>
  )
}
