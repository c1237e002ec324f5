'use client'
import { IconAlertTriangle, IconCheck, IconHelp } from '@tabler/icons-react'
import Link from 'next/link'
import { type ReactNode, useId, useState } from 'react'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { TableUse } from '@/lib/contract/table/uses'
import { paths } from '@/lib/paths/paths'
import type { EffectState, ReaderEffect } from '@/lib/uses/reader-effects'
import { kindTitle, usedByLabel } from '@/lib/uses/use-texts'
import classes from './reader-list.module.css'

const STATE_LABELS: Record<EffectState, string> = { breaks: 'Break', unknown: 'May break', 'goes-on': 'Go on' }
const STATES = Object.keys(STATE_LABELS) as EffectState[]

type ReaderGroupsProps = {
  /** Those that break first. */
  effects: readonly ReaderEffect[]
  /** The catalog of the entry that changes: only another one is named. */
  catalog: string
  /** A button that mends a reader in place of its link. */
  remedy?: ((effect: ReaderEffect) => ReactNode) | undefined
}

/**
 * Readers by their kind, the group with the worst effect first, each with what happens to it and a link to where it is
 * mended. If effects differ, the list can be narrowed to one of them.
 */
export function ReaderGroups({ effects, catalog, remedy }: ReaderGroupsProps) {
  const [chosen, setChosen] = useState<EffectState | 'all'>('all')
  const countOf = (state: EffectState) => effects.filter((effect) => effect.state === state).length
  const present = STATES.filter((state) => countOf(state) > 0)
  // The chosen readers may have been mended since.
  const shown = chosen === 'all' || present.includes(chosen) ? chosen : 'all'
  const groups = Map.groupBy(
    effects.filter(({ state }) => shown === 'all' || state === shown),
    ({ use }) => use.kind,
  )
  return (
    <>
      {present.length > 1 && (
        <div>
          <SegmentedChoice
            label="Readers"
            value={shown}
            options={[
              { value: 'all', label: `All ${effects.length}` },
              ...present.map((state) => ({ value: state, label: `${STATE_LABELS[state]} ${countOf(state)}` })),
            ]}
            onChange={setChosen}
          />
        </div>
      )}
      <div className={classes.groups} {...{ role: 'group', 'aria-label': 'What happens to readers', tabIndex: 0 }}>
        {[...groups].map(([kind, ofKind]) => (
          <ReaderGroup key={kind} title={kindTitle(kind)}>
            {ofKind.map((effect, i) => (
              <li key={`${effect.use.id ?? effect.use.name} ${i}`} data-state={effect.state}>
                <EffectIcon state={effect.state} />
                <span className={classes.text}>
                  <strong>
                    <VisibleText>{usedByLabel(effect.use, catalog)}</VisibleText>
                  </strong>{' '}
                  <span className="quiet">{detailsOf(effect)}</span>
                  <span className={classes.effect}>{effect.text}</span>
                </span>
                {remedy?.(effect) ?? <Remedy {...effect} />}
              </li>
            ))}
          </ReaderGroup>
        ))}
      </div>
    </>
  )
}

function ReaderGroup({ title, children }: { title: string; children: ReactNode }) {
  const titleId = useId()
  return (
    <section>
      <h4 id={titleId} className={classes.title}>
        {title}
      </h4>
      <ul className={classes.list} aria-labelledby={titleId}>
        {children}
      </ul>
    </section>
  )
}

/** `by ada · delay, origin`. */
function detailsOf({ use: { owner, certainty }, columns }: ReaderEffect): string {
  const named = certainty === 'may-read' ? 'may read this' : columns === null ? 'every column' : columns.join(', ')
  return [...(owner === null ? [] : [`by ${owner}`]), ...(named === '' ? [] : [named])].join(' · ')
}

/** A reader that goes on needs no remedy. */
function Remedy({ use, state }: ReaderEffect) {
  if (state === 'goes-on') return null
  const [label, href] = remedyOf(use)
  if (href === null) return null
  return (
    <Link href={href} prefetch={false} className={classes.remedy}>
      {label}
    </Link>
  )
}

function remedyOf({ kind, entry, id }: Pick<TableUse, 'kind' | 'entry' | 'id'>): [string, string | null] {
  if (kind === 'query') return ['Open the query', id === null ? null : paths.savedQuery(id)]
  if (kind === 'schedule') return ['Open Jobs', paths.jobs()]
  if (entry === null) return ['', null]
  const { catalog, namespace, name } = entry
  const view = { catalog, namespace, view: name }
  const table = { catalog, namespace, table: name }
  if (kind === 'view') return ['Edit the view', paths.editView(view)]
  if (kind === 'proposal')
    return ['Open the proposal', id === null ? null : paths.proposal(entry.kind === 'view' ? view : table, id)]
  return ['Edit the check', `${paths.table(table, 'snapshots')}?step=checks`]
}

function EffectIcon({ state }: { state: EffectState }) {
  const Icon = state === 'breaks' ? IconAlertTriangle : state === 'goes-on' ? IconCheck : IconHelp
  return <Icon size={15} stroke={1.6} aria-hidden />
}
