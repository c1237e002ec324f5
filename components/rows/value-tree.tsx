'use client'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { formatQuantity } from '@/lib/format/count'
import { typeLabel } from '@/lib/iceberg/schema/schema'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { toMapEntry, lineText, valueText } from '@/lib/scan/value-text'
import classes from './value-tree.module.css'

/** Members shown at first, and added per click. */
const PAGE_MEMBERS = 100
/** Levels that are expanded at first. */
const OPEN_LEVELS = 2

type Member = { name: string; type: Type; value: RowValue | null }

/** The members of a struct, a list or a map as a collapsible tree. */
export function ValueTree({ type, value, level = 0 }: { type: Type; value: RowValue | null; level?: number }) {
  const [visibleCount, setVisibleCount] = useState(PAGE_MEMBERS)
  const members = toMembers(type, value)
  return (
    <ul className={classes.members}>
      {members.slice(0, visibleCount).map((member, i) => (
        <MemberRow key={`${i}:${member.name}`} member={member} level={level} />
      ))}
      {members.length > visibleCount && (
        <li>
          <button type="button" className={classes.more} onClick={() => setVisibleCount(visibleCount + PAGE_MEMBERS)}>
            {formatQuantity(members.length - visibleCount, 'more item')}
          </button>
        </li>
      )}
    </ul>
  )
}

function MemberRow({ member: { name, type, value }, level }: { member: Member; level: number }) {
  const [isOpen, setOpen] = useState(level < OPEN_LEVELS)
  const members = value === null ? [] : toMembers(type, value)
  const canOpen = members.length > 0
  const Chevron = isOpen ? IconChevronDown : IconChevronRight
  const label = (
    <>
      <span className={classes.name}>{name}</span>
      <span className={classes.type}>{typeof type === 'string' ? type : shortLabel(type)}</span>
    </>
  )
  return (
    <li>
      <div className={classes.row} style={{ paddingLeft: level * 16 }}>
        {canOpen ? (
          <button type="button" className={classes.toggle} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <Chevron size={13} stroke={1.6} aria-hidden />
            {label}
          </button>
        ) : (
          <span className={classes.leaf}>{label}</span>
        )}
        <MemberValue type={type} value={value} />
      </div>
      {canOpen && isOpen && <ValueTree type={type} value={value} level={level + 1} />}
    </li>
  )
}

function MemberValue({ type, value }: { type: Type; value: RowValue | null }) {
  if (value === null) return <span className={classes.null}>null</span>
  if (typeof type === 'string') {
    if (typeof value === 'object' && !(value instanceof Uint8Array)) return null
    const text = valueText(type, value)
    return (
      <span className={classes.value} title={text}>
        {typeof value === 'string' && type === 'string' ? JSON.stringify(value) : text}
      </span>
    )
  }
  if (type.type === 'struct') return <span className={classes.size} />
  return <span className={classes.size}>{Array.isArray(value) ? formatQuantity(value.length, 'item') : ''}</span>
}

function toMembers(type: Type, value: RowValue | null): Member[] {
  if (typeof type === 'string' || !Array.isArray(value)) return []
  const items: readonly (RowValue | null)[] = value
  switch (type.type) {
    case 'struct':
      return type.fields.map((field, i) => ({ name: field.name, type: field.type, value: items[i] ?? null }))
    case 'list':
      return items.map((item, i) => ({ name: String(i), type: type.element, value: item }))
    case 'map':
      return items.map((entry) => {
        const [key, item] = toMapEntry(entry)
        return { name: key === null ? 'null' : lineText(type.key, key), type: type.value, value: item }
      })
  }
}

function shortLabel(type: Exclude<Type, string>): string {
  return type.type === 'struct' ? 'struct' : typeLabel(type)
}
