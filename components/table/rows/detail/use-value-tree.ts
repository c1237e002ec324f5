import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { hasMembers, type Member, toMembers } from './value-members'

/** Members of one value shown at first, and added per step. */
const PAGE_MEMBERS = 100
/** Levels that are expanded at first, unless they are long. */
const OPEN_LEVELS = 2
/** Members on deeper levels do not expand. */
export const MAX_LEVELS = 100
/** Further members expand on request. */
const MAX_INITIAL_NODES = 200

/** A line of the tree: a member, or the number of further members of the member above. */
export type TreeNode = {
  /** Unique in the tree: indices from the top. */
  key: string
  level: number
  position: number
  setSize: number
} & (
  | { kind: 'member'; member: Member; canOpen: boolean; isOpen: boolean; isTooDeep: boolean }
  | { kind: 'more'; parentKey: string; count: number }
)

type Expansion = { open: ReadonlySet<string>; shownCounts: ReadonlyMap<string, number> }

/** The visible lines of a value with members, the tab stop among them, and the keys of the ARIA tree pattern. */
export function useValueTree({
  name,
  type,
  value,
  timeZone,
  revealedKey,
}: {
  name: string
  type: Type
  value: RowValue | null
  timeZone: string
  /** The member to show, with all that it is in expanded; null for none. */
  revealedKey: string | null
}) {
  const root = useMemo(() => ({ name, path: name, type, value }), [name, type, value])
  const [expansion, setExpansion] = useState<Expansion>(() => ({
    open: initiallyOpen(root, timeZone),
    shownCounts: new Map(),
  }))
  const [activeKey, setActiveKey] = useState('0')
  const element = useRef<HTMLUListElement>(null)
  const [lastRevealed, setLastRevealed] = useState<string | null>(null)
  if (revealedKey !== lastRevealed) {
    setLastRevealed(revealedKey)
    if (revealedKey !== null) {
      setExpansion(revealing(expansion, revealedKey))
      setActiveKey(revealedKey)
    }
  }
  useEffect(() => {
    if (lastRevealed !== null)
      element.current?.querySelector(`[data-node="${lastRevealed}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [lastRevealed])
  const nodes = useMemo(() => toNodes(root, expansion, timeZone), [root, expansion, timeZone])
  const activeIndex = Math.max(
    0,
    nodes.findIndex(({ key }) => key === activeKey),
  )

  const setOpen = (key: string, isOpen: boolean) => {
    const open = new Set(expansion.open)
    if (isOpen) open.add(key)
    else open.delete(key)
    setExpansion({ ...expansion, open })
  }
  const showMore = (parentKey: string) => {
    const shownCounts = new Map(expansion.shownCounts)
    shownCounts.set(parentKey, (shownCounts.get(parentKey) ?? PAGE_MEMBERS) + PAGE_MEMBERS)
    setExpansion({ ...expansion, shownCounts })
  }
  const focus = (index: number) => {
    const node = nodes[Math.max(0, Math.min(nodes.length - 1, index))]
    if (!node) return
    setActiveKey(node.key)
    element.current?.querySelector<HTMLElement>(`[data-node="${node.key}"]`)?.focus()
  }
  const activate = (node: TreeNode) => {
    setActiveKey(node.key)
    if (node.kind === 'more') showMore(node.parentKey)
    else if (node.canOpen) setOpen(node.key, !node.isOpen)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const node = nodes[activeIndex]
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return
    // The buttons of a line have their own keys.
    if (event.target instanceof HTMLElement && event.target.dataset.node === undefined) return
    const isMember = node.kind === 'member'
    switch (event.key) {
      case 'ArrowDown':
        focus(activeIndex + 1)
        break
      case 'ArrowUp':
        focus(activeIndex - 1)
        break
      case 'Home':
        focus(0)
        break
      case 'End':
        focus(nodes.length - 1)
        break
      case 'ArrowRight':
        if (isMember && node.canOpen && !node.isOpen) setOpen(node.key, true)
        else if (isMember && node.isOpen) focus(activeIndex + 1)
        break
      case 'ArrowLeft':
        if (isMember && node.isOpen) setOpen(node.key, false)
        else focus(nodes.findLastIndex(({ level }, i) => i < activeIndex && level < node.level))
        break
      case 'Enter':
      case ' ':
        activate(node)
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  return { element, nodes, activeKey: nodes[activeIndex]?.key ?? '0', setActiveKey, activate, onKeyDown }
}

function initiallyOpen(root: Member, timeZone: string): ReadonlySet<string> {
  const open = new Set<string>()
  let nodeCount = 0
  const visit = (member: Member, key: string, level: number) => {
    const members = toMembers(member, timeZone).slice(0, PAGE_MEMBERS)
    nodeCount += members.length
    for (const [i, child] of members.entries()) {
      if (level >= OPEN_LEVELS || nodeCount >= MAX_INITIAL_NODES || !hasMembers(child)) continue
      const childKey = childKeyOf(key, i)
      open.add(childKey)
      visit(child, childKey, level + 1)
    }
  }
  visit(root, '', 0)
  return open
}

function toNodes(root: Member, { open, shownCounts }: Expansion, timeZone: string): TreeNode[] {
  const nodes: TreeNode[] = []
  const visit = (parent: Member, parentKey: string, level: number) => {
    const members = toMembers(parent, timeZone)
    const shownCount = shownCounts.get(parentKey) ?? PAGE_MEMBERS
    const rest = members.length - shownCount
    const setSize = Math.min(members.length, shownCount) + (rest > 0 ? 1 : 0)
    for (const [i, member] of members.slice(0, shownCount).entries()) {
      const key = childKeyOf(parentKey, i)
      const isTooDeep = level + 1 >= MAX_LEVELS && hasMembers(member)
      const canOpen = !isTooDeep && hasMembers(member)
      const isOpen = canOpen && open.has(key)
      nodes.push({ kind: 'member', key, level, position: i + 1, setSize, member, canOpen, isOpen, isTooDeep })
      if (isOpen) visit(member, key, level + 1)
    }
    if (rest > 0) {
      nodes.push({
        kind: 'more',
        key: childKeyOf(parentKey, 'more'),
        level,
        position: setSize,
        setSize,
        parentKey,
        count: rest,
      })
    }
  }
  visit(root, '', 0)
  return nodes
}

/** Expands what a member is in, and shows enough of the members before it. */
function revealing({ open, shownCounts }: Expansion, key: string): Expansion {
  const steps = key.split('.')
  const opened = new Set(open)
  const counts = new Map(shownCounts)
  for (const [level, step] of steps.entries()) {
    const parentKey = steps.slice(0, level).join('.')
    if (parentKey !== '') opened.add(parentKey)
    const needed = Math.ceil((Number(step) + 1) / PAGE_MEMBERS) * PAGE_MEMBERS
    if (needed > (counts.get(parentKey) ?? PAGE_MEMBERS)) counts.set(parentKey, needed)
  }
  return { open: opened, shownCounts: counts }
}

export function childKeyOf(parentKey: string, step: number | 'more'): string {
  return parentKey === '' ? String(step) : `${parentKey}.${step}`
}
