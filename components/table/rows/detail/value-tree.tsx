'use client'
import { IconChevronDown, IconChevronRight, IconRoute } from '@tabler/icons-react'
import type { ClipboardEvent, KeyboardEvent } from 'react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { useValueZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { MAX_LEVELS, type TreeNode, useValueTree } from './use-value-tree'
import { type Member, memberCopyText, memberCount, memberText, memberTypeLabel } from './value-members'
import classes from './value-tree.module.css'

/** Deeper levels are not indented further. */
const MAX_INDENTED_LEVELS = 12
const INDENT_PX = 16

/**
 * The members of a struct, a list, a map or a variant as a tree. Arrow keys walk through it, `Ctrl+C` copies the value
 * of the line with the focus, and each line can be copied with its path.
 *
 * @param props.name of the column, with which paths begin
 */
export function ValueTree({
  name,
  type,
  value,
  wraps = false,
  matches,
  revealedKey = null,
}: {
  name: string
  type: Type
  value: RowValue | null
  /** Whether values take as many lines as they need. */
  wraps?: boolean
  /** Keys of the members that a search found, to be marked. */
  matches?: ReadonlySet<string>
  /** The key of a member to show; null for none. */
  revealedKey?: string | null
}) {
  const timeZone = useValueZone()
  const { element, nodes, activeKey, setActiveKey, activate, onKeyDown } = useValueTree({
    name,
    type,
    value,
    timeZone,
    revealedKey,
  })
  const onCopy = (event: ClipboardEvent) => {
    const active = nodes.find(({ key }) => key === activeKey)
    // A selection of text is copied as usual.
    if (active?.kind !== 'member' || document.getSelection()?.isCollapsed === false) return
    event.preventDefault()
    event.clipboardData.setData('text/plain', memberCopyText(active.member, timeZone))
  }
  return (
    <ul
      ref={element}
      role="tree"
      aria-label={visibleText(`Members of ${name}`)}
      className={classes.members}
      data-wraps={wraps || undefined}
      onCopy={onCopy}
    >
      {nodes.map((node) => (
        <Line
          key={node.key}
          node={node}
          timeZone={timeZone}
          isActive={node.key === activeKey}
          isMatch={matches?.has(node.key) ?? false}
          onActivate={() => activate(node)}
          onKeyDown={onKeyDown}
          onFocus={() => setActiveKey(node.key)}
        />
      ))}
    </ul>
  )
}

type LineProps = {
  node: TreeNode
  timeZone: string
  isActive: boolean
  isMatch: boolean
  onActivate: () => void
  onKeyDown: (event: KeyboardEvent) => void
  onFocus: () => void
}

function Line({ node, timeZone, isActive, isMatch, onActivate, onKeyDown, onFocus }: LineProps) {
  const isOpen = node.kind === 'member' && node.canOpen ? node.isOpen : undefined
  return (
    <li
      role="treeitem"
      // Without the names of the buttons.
      aria-label={lineLabel(node, timeZone)}
      aria-level={node.level + 1}
      aria-posinset={node.position}
      aria-setsize={node.setSize}
      aria-selected={isActive}
      {...(isOpen !== undefined && { 'aria-expanded': isOpen })}
      tabIndex={isActive ? 0 : -1}
      className={classes.row}
      style={{ paddingLeft: Math.min(node.level, MAX_INDENTED_LEVELS) * INDENT_PX }}
      data-node={node.key}
      data-match={isMatch || undefined}
      data-opens={isOpen !== undefined || node.kind === 'more' || undefined}
      onClick={onActivate}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
    >
      {node.kind === 'more' ? (
        <span className={classes.more}>{formatQuantity(node.count, 'more item')}</span>
      ) : (
        <MemberLine
          member={node.member}
          timeZone={timeZone}
          isOpen={isOpen}
          isTooDeep={node.isTooDeep}
          isActive={isActive}
        />
      )}
    </li>
  )
}

const MAX_LABEL_CHARS = 200

function lineLabel(node: TreeNode, timeZone: string): string {
  if (node.kind === 'more') return formatQuantity(node.count, 'more item')
  const { member } = node
  const text = memberText(member, timeZone) || memberCount(member)
  const shown = text.length > MAX_LABEL_CHARS ? `${text.slice(0, MAX_LABEL_CHARS)}…` : text
  return visibleText(`${member.name} ${memberTypeLabel(member.type)} ${shown}`.trimEnd())
}

type MemberLineProps = {
  member: Member
  timeZone: string
  isOpen: boolean | undefined
  isTooDeep: boolean
  isActive: boolean
}

function MemberLine({ member, timeZone, isOpen, isTooDeep, isActive }: MemberLineProps) {
  const Chevron = isOpen === true ? IconChevronDown : IconChevronRight
  const text = memberText(member, timeZone)
  return (
    <>
      <span className={classes.label} data-leaf={isOpen === undefined || undefined}>
        {isOpen !== undefined && <Chevron size={13} stroke={1.6} aria-hidden />}
        {/* The spaces are not drawn: with them the text of the line reads as its name does. */}
        <span>
          <VisibleText>{member.name}</VisibleText>
        </span>{' '}
        <span className={classes.type}>
          <VisibleText>{memberTypeLabel(member.type)}</VisibleText>
        </span>
      </span>{' '}
      {member.value === null ? (
        <span className={classes.null}>null</span>
      ) : isTooDeep ? (
        <span className={classes.size}>deeper than {MAX_LEVELS} levels, copy it</span>
      ) : text === '' ? (
        <span className={classes.size}>{memberCount(member)}</span>
      ) : (
        <span className={classes.value} title={visibleText(text)}>
          <VisibleText>{text}</VisibleText>
        </span>
      )}
      {isActive && (
        // A click on a button is not a click on its line.
        <span className={classes.actions} role="presentation" onClick={(event) => event.stopPropagation()}>
          <CopyButton value={() => memberCopyText(member, timeZone)} label={`value of ${member.path}`} size={24} />
          <CopyButton value={member.path} label={`path ${member.path}`} size={24} icon={IconRoute} />
        </span>
      )}
    </>
  )
}
