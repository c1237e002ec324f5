'use client'
import { ActionIcon, Checkbox } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { FilterField } from '@/components/ui/controls/filter-field'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { SidePanel } from '@/components/ui/side-panel'
import { useValueZone } from '@/components/ui/values/use-time-zone'
import { formatCount } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { type FoundMembers, findMembers } from './find-members'
import { MAX_JSON_CHARS, type PanelValue } from './panel-value'
import { memberCopyText } from './value-members'
import classes from './value-panel.module.css'
import { ValueTree } from './value-tree'

const NONE: FoundMembers = { keys: [], isTruncated: false }

/**
 * A nested value, or text with JSON, as a tree next to the page, with a search in it.
 *
 * @param props.row from 0
 * @param props.controls chooses between values of the cell, if it has several
 */
export function ValuePanel({
  value: { name, text, tree },
  row,
  controls,
  onClose,
}: {
  value: PanelValue
  row: number
  controls?: ReactNode
  onClose: () => void
}) {
  const timeZone = useValueZone()
  const [query, setQuery] = useState('')
  const [wraps, setWraps] = useState(false)
  const [chosen, setChosen] = useState({ query: '', index: 0 })
  const sought = useDeferredValue(query.trim())
  const found = useMemo(
    () => (tree === null || sought === '' ? NONE : findMembers({ ...tree, path: name }, sought, timeZone)),
    [tree, name, sought, timeZone],
  )
  const matches = useMemo(() => new Set(found.keys), [found])
  const index = chosen.query === sought ? chosen.index : 0
  const move = (step: 1 | -1) => {
    const count = found.keys.length
    if (count > 0) setChosen({ query: sought, index: (index + step + count) % count })
  }
  const copyText = () => text ?? (tree ? memberCopyText(tree, timeZone) : '')
  return (
    <SidePanel
      title={visibleText(name)}
      subtitle={`row ${formatCount(row + 1)}`}
      width={428}
      takesFocus
      onClose={onClose}
      footer={
        <div className={classes.foot}>
          <CopyButton value={copyText} label="whole value" />
          <span className="quiet">copies the whole value</span>
        </div>
      }
    >
      {controls !== undefined && <div className={classes.bar}>{controls}</div>}
      {tree === null ? (
        <p className={classes.note}>
          The value has {formatCount(text?.length ?? 0)} characters. At most {formatCount(MAX_JSON_CHARS)} are shown as
          a tree. Copy it to see all of it.
        </p>
      ) : (
        <>
          {/* Enter and Shift+Enter go through the matches, as in the search of a browser. */}
          <div
            role="search"
            className={classes.bar}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return
              if (event.target.type !== 'search') return
              event.preventDefault()
              move(event.shiftKey ? -1 : 1)
            }}
          >
            <FilterField label="Search names and values" value={query} onChange={setQuery} />
            <span className={classes.matches} role="status">
              {sought === '' ? '' : matchText(found, index)}
            </span>
            <Tooltip label="Previous match">
              <ActionIcon aria-label="Previous match" disabled={found.keys.length === 0} onClick={() => move(-1)}>
                <IconChevronUp size={15} stroke={1.6} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Next match">
              <ActionIcon aria-label="Next match" disabled={found.keys.length === 0} onClick={() => move(1)}>
                <IconChevronDown size={15} stroke={1.6} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Checkbox
              size="xs"
              label="Wrap"
              checked={wraps}
              onChange={(event) => setWraps(event.currentTarget.checked)}
            />
          </div>
          <div className={classes.tree}>
            <ValueTree
              name={name}
              type={tree.type}
              value={tree.value}
              wraps={wraps}
              matches={matches}
              revealedKey={found.keys[index] ?? null}
            />
          </div>
        </>
      )}
    </SidePanel>
  )
}

function matchText({ keys, isTruncated }: FoundMembers, index: number): string {
  if (keys.length === 0) return isTruncated ? 'no match in the first members' : 'no match'
  return `${formatCount(index + 1)} of ${formatCount(keys.length)}${isTruncated ? ' or more' : ''}`
}
