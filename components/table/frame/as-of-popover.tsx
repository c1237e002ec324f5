'use client'
import { Button, TextInput } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import { FilterField } from '@/components/ui/controls/filter-field'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatQuantity } from '@/lib/format/count'
import { formatExactTime, parseClockTime } from '@/lib/format/time'
import type { AsOf } from '@/lib/iceberg/as-of'
import classes from './as-of-control.module.css'
import { AS_OF_ICONS, type AsOfKind } from './as-of-icons'
import { Timeline } from './timeline'
import { useChooseAsOf } from './use-as-of'
import { visibleText } from '@/lib/format/visible-text'

type AsOfChoice = { key: string; kind: AsOfKind; name: string; note: string; asOf: AsOf }

const MAX_CHOICES = 200

type AsOfPopoverProps = LoadedMenuProps & {
  detail: TableDetail
  /** Called with the choice; by default the page shows it. */
  onPick?: (asOf: AsOf) => void
  label?: string
}

/** Branches, tags, snapshots and a time to choose from. */
export function AsOfPopover({ detail, onPick, label = 'As of', opened, onChange }: AsOfPopoverProps) {
  const choose = useChooseAsOf()
  const pick = (asOf: AsOf) => {
    onChange(false)
    if (onPick) onPick(asOf)
    else choose(asOf)
  }
  return (
    <DialogPopover opened={opened} onChange={onChange} label={label} widthPx={420}>
      <AsOfPicker detail={detail} onPick={pick} />
    </DialogPopover>
  )
}

function AsOfPicker({ detail, onPick }: { detail: TableDetail; onPick: (asOf: AsOf) => void }) {
  const [filter, setFilter] = useState('')
  const timeZone = useTimeZone()
  const needle = filter.trim().toLowerCase()
  const current = shownChoiceKey(detail)
  const found = asOfChoices(detail, timeZone).filter(({ name, note }) =>
    `${name} ${note}`.toLowerCase().includes(needle),
  )
  const matches = found.length === 0 && SNAPSHOT_ID.test(needle) ? [unloggedChoice(needle)] : found
  return (
    <div className={classes.picker}>
      <div className={classes.head}>
        <Timeline
          timeline={detail.timeline}
          shownSnapshotId={detail.shown.snapshotId}
          onChoose={(snapshotId) => onPick({ snapshotId })}
        />
        <p className="bare quiet micro">{formatQuantity(detail.timeline.length, 'commit')} to main, evenly spaced</p>
        <FilterField label="Find a branch, tag or snapshot" value={filter} onChange={setFilter} hasInitialFocus />
      </div>
      <ul className={classes.choices}>
        {matches.slice(0, MAX_CHOICES).map(({ key, kind, name, note, asOf }) => {
          const Icon = AS_OF_ICONS[kind]
          const isCurrent = key === current
          return (
            <li key={key}>
              <button
                type="button"
                className={classes.choice}
                onClick={() => onPick(asOf)}
                {...(isCurrent && { 'aria-current': true })}
              >
                <Icon size={14} stroke={1.6} aria-label={kind} />
                <span className={classes.name}>{kind === 'snapshot' ? <code>{name}</code> : visibleText(name)}</span>
                <span className={classes.note}>{note}</span>
                {isCurrent && <IconCheck size={14} stroke={1.6} aria-label="shown" />}
              </button>
            </li>
          )
        })}
      </ul>
      {matches.length === 0 && <p className={classes.none}>No branch, tag or snapshot matches “{filter}”.</p>}
      {matches.length > MAX_CHOICES && (
        <p className={classes.none}>
          Showing {MAX_CHOICES} of {matches.length}. Filter by name to see others.
        </p>
      )}
      <TimeField onPick={onPick} />
    </div>
  )
}

/** A time in the chosen time zone. The page shows the snapshot that was current then. */
function TimeField({ onPick }: { onPick: (asOf: AsOf) => void }) {
  const [text, setText] = useState('')
  const timeZone = useTimeZone()
  const atMs = parseClockTime(text, timeZone)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (Number.isFinite(atMs)) onPick({ atMs })
  }
  return (
    <form className={classes.time} onSubmit={submit}>
      <TextInput
        type="datetime-local"
        step={1}
        label={`At a time (${timeZone})`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        style={{ flex: 1 }}
      />
      <Button type="submit" variant="default" disabled={!Number.isFinite(atMs)}>
        Apply
      </Button>
    </form>
  )
}

/** Now, branches, tags, then the commits to `main`, newest first and each once. */
function asOfChoices({ refs, timeline }: TableDetail, timeZone: string): AsOfChoice[] {
  const named = refs
    .filter(({ name }) => name !== 'main')
    .map(
      ({ name, type, snapshotId }): AsOfChoice => ({
        key: `${type} ${name}`,
        kind: type,
        name,
        note: snapshotId,
        asOf: { ref: name },
      }),
    )
  // After a rollback the log names a snapshot twice. Its first entry has the time of the commit.
  const committedAtMs = new Map(timeline.toReversed().map((entry) => [entry.snapshotId, entry.committedAtMs]))
  const commits = [...committedAtMs].map(
    ([snapshotId, atMs]): AsOfChoice => ({
      key: `snapshot ${snapshotId}`,
      kind: 'snapshot',
      name: snapshotId,
      note: formatExactTime(atMs, timeZone),
      asOf: { snapshotId },
    }),
  )
  return [
    { key: NOW_KEY, kind: 'now', name: 'now', note: 'tip of main', asOf: {} },
    ...named.filter(({ kind }) => kind === 'branch'),
    ...named.filter(({ kind }) => kind === 'tag'),
    ...commits.sort((a, b) => (committedAtMs.get(b.name) ?? 0) - (committedAtMs.get(a.name) ?? 0)),
  ]
}

const SNAPSHOT_ID = /^\d{1,19}$/

/**
 * A snapshot that the log of `main` does not name: of a branch, or the first of two that one commit made. The page says
 * when the table has no such snapshot.
 */
function unloggedChoice(snapshotId: string): AsOfChoice {
  const note = 'not in the log of main'
  return { key: `snapshot ${snapshotId}`, kind: 'snapshot', name: snapshotId, note, asOf: { snapshotId } }
}

const NOW_KEY = 'now'

function shownChoiceKey({ shown }: TableDetail): string {
  if (shown.isCurrent) return NOW_KEY
  return shown.ref === null ? `snapshot ${shown.snapshotId}` : `${shown.ref.type} ${shown.ref.name}`
}
