'use client'
import { Button } from '@mantine/core'
import { IconSelector } from '@tabler/icons-react'
import { AS_OF_ICONS } from '@/components/table/frame/as-of-icons'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatExactTime } from '@/lib/format/time'
import type { AsOf } from '@/lib/iceberg/as-of'
import classes from './compare-snapshots.module.css'

type StateChoiceProps = {
  /** Which side it is: `Before` or `After`. */
  label: string
  detail: TableDetail
  /** Null before a choice. */
  asOf: AsOf | null
  onChange: (asOf: AsOf) => void
}

/** One of the two states of a comparison, with a picker for another. */
export function StateChoice({ label, detail, asOf, onChange }: StateChoiceProps) {
  const timeZone = useTimeZone()
  const { kind, name, note, snapshotId } = describeState(detail, asOf, timeZone)
  const Icon = AS_OF_ICONS[kind]
  const shown: TableDetail['shown'] = {
    snapshotId,
    committedAtMs: null,
    ref: asOf?.ref === undefined ? null : { name: asOf.ref, type: kind === 'tag' ? 'tag' : 'branch' },
    isCurrent: asOf?.ref === 'main',
  }
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="default"
          className={classes.state ?? ''}
          leftSection={<Icon size={14} stroke={1.6} aria-hidden />}
          rightSection={<IconSelector size={13} stroke={1.6} aria-hidden />}
        >
          <span className="sr-only">{label}: </span>
          {kind === 'snapshot' ? <code>{name}</code> : name}
          {note !== '' && <span className={classes.stateNote}> {note}</span>}
        </Button>
      }
      load={loadPopover}
      menuProps={{
        detail: { ...detail, shown },
        label,
        onPick: (picked: AsOf) => onChange(Object.keys(picked).length === 0 ? { ref: 'main' } : picked),
      }}
    />
  )
}

async function loadPopover() {
  return (await import('@/components/table/frame/as-of-popover')).AsOfPopover
}

function describeState({ refs, timeline }: TableDetail, asOf: AsOf | null, timeZone: string) {
  if (asOf === null) return { kind: 'snapshot', name: 'choose a snapshot', note: '', snapshotId: null } as const
  const { ref, snapshotId, atMs } = asOf
  if (snapshotId !== undefined) {
    const committedAtMs = timeline.find((entry) => entry.snapshotId === snapshotId)?.committedAtMs
    const note = committedAtMs === undefined ? '' : formatExactTime(committedAtMs, timeZone)
    return { kind: 'snapshot', name: snapshotId, note, snapshotId } as const
  }
  if (atMs !== undefined)
    return { kind: 'now', name: formatExactTime(atMs, timeZone), note: '', snapshotId: null } as const
  const known = refs.find(({ name }) => name === ref)
  const kind = known?.type ?? 'branch'
  return { kind, name: ref ?? 'main', note: ref === 'main' ? 'now' : '', snapshotId: known?.snapshotId ?? null }
}
