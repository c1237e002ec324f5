'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconChevronDown, IconChevronRight, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { downloadCsvFile } from '@/components/ui/download-file'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import type { User } from '@/lib/contract/access'
import { resourceLabel, toResource } from '@/lib/names/resource-name'
import type { Resource } from '@/lib/permissions'
import classes from './access.module.css'
import { AccessDetail } from './access-detail'
import { ACCESS_COLUMNS, allows } from './access-levels'
import { AccessMark } from './access-mark'
import { BecauseOf } from './because-of'
import { accessCsv, type AccessLine, lastLevel } from './effective-access-rows'
import { ResourceName } from './resource-name'
import { useAccessLines } from './use-access-lines'

const INDENT_PX = 15

/** A user's access at the moment, level by level, and the grants that are the reason. */
export function EffectiveAccessPanel({ user }: { user: User }) {
  const [onlyAllowed, setOnlyAllowed] = useState(false)
  const [selectedKey, setSelectedKey] = useState<string | null>(null)
  const tree = useAccessLines(user.userId, onlyAllowed)
  const selected = tree.lines.find((line) => line.key === selectedKey)
  const hasEntries = tree.lines.some(({ kind }) => kind === 'entry')
  return (
    <Panel
      title="Effective access"
      subtitle={`what ${user.username} may do now, from all grants`}
      actions={
        <>
          <SegmentedChoice
            label="Shown"
            value={onlyAllowed ? 'allowed' : 'all'}
            onChange={(value) => setOnlyAllowed(value === 'allowed')}
            options={[
              { value: 'all', label: 'All' },
              { value: 'allowed', label: 'Only allowed' },
            ]}
          />
          <Tooltip label="Download the open levels as CSV">
            <ActionIcon
              variant="default"
              size={30}
              aria-label="Download the open levels as CSV"
              disabled={!hasEntries}
              onClick={() => downloadCsvFile(`access-${user.username}.csv`, accessCsv(tree.lines))}
            >
              <IconDownload size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </>
      }
      flush
    >
      <DataTable
        label="Effective access"
        columns={buildColumns(tree)}
        rows={tree.lines}
        rowKey={({ key }) => key}
        rowMessage={(line) => (line.kind === 'entry' ? null : <LineNote line={line} tree={tree} />)}
        onOpen={(line) => setSelectedKey(line.key)}
        {...(selected && { selectedKey: selected.key })}
        scrolls
      />
      {selected?.kind === 'entry' && <AccessDetail entry={selected.entry} />}
    </Panel>
  )
}

type Tree = ReturnType<typeof useAccessLines>

function buildColumns(tree: Tree): Column<AccessLine>[] {
  return [
    {
      id: 'on',
      header: 'On',
      width: 200,
      cell: (line) => <Node line={line} onToggle={tree.toggle} />,
    },
    ...ACCESS_COLUMNS.map(
      (column): Column<AccessLine> => ({
        id: column.id,
        header: column.label,
        cell: (line) => line.kind === 'entry' && <AccessMark isAllowed={allows(column, line.entry.level)} />,
      }),
    ),
    {
      id: 'because',
      header: 'Because of',
      wideOnly: true,
      cell: (line) => line.kind === 'entry' && <BecauseOf {...line.entry} />,
    },
  ]
}

function Node({ line, onToggle }: { line: AccessLine; onToggle: (on: Resource) => void }) {
  const indent = { paddingLeft: line.depth * INDENT_PX }
  if (line.kind !== 'entry') return <span className={classes.node} style={indent} />
  const { entry, isOpen } = line
  const Chevron = isOpen ? IconChevronDown : IconChevronRight
  return (
    <span className={classes.node} style={indent}>
      {isOpen === null ? (
        <span className={classes.leaf} />
      ) : (
        <button
          type="button"
          className={classes.opener}
          aria-expanded={isOpen}
          aria-label={`${isOpen ? 'Close' : 'Open'} ${resourceLabel(entry.resource)}`}
          onClick={() => onToggle(toResource(entry.resource))}
        >
          <Chevron size={14} stroke={1.6} aria-hidden />
        </button>
      )}
      <ResourceName on={entry.resource} name={lastLevel(entry.resource)} isView={entry.kind === 'view'} />
    </span>
  )
}

function LineNote({ line, tree }: { line: Exclude<AccessLine, { kind: 'entry' }>; tree: Tree }) {
  const level = resourceLabel(line.on)
  if (line.kind === 'problem') {
    return (
      <span role="alert">
        <span className="removed">
          {level} cannot be listed: {line.message}
        </span>{' '}
        <Button variant="subtle" size="compact-xs" onClick={() => tree.retry(line.on)}>
          Try again
        </Button>
      </span>
    )
  }
  if (line.note === 'more') {
    return (
      <Button variant="subtle" size="compact-xs" onClick={() => tree.showMore(line.on)}>
        Show more in {level}
      </Button>
    )
  }
  return <span className="quiet">{NOTES[line.note]}</span>
}

const NOTES = {
  reading: 'Reading…',
  empty: 'Nothing to show here.',
} as const
