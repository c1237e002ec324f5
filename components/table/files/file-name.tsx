import type { ComponentProps } from 'react'
import { visibleText } from '@/lib/format/visible-text'
import classes from './file-list.module.css'
import { findSharedParts, NOTHING_SHARED, type SharedParts } from './shared-name-parts'

/** Files of one writer begin alike: the end of a name is always shown, so a name that is too long is cut in the middle. */
const SHOWN_END_CHARS = 16
/** The characters that are always shown at both ends of the part in which the names of a list differ. */
const SHOWN_OWN_CHARS = 8
/** The least of a shared part: a character and an ellipsis. */
const SHOWN_SHARED_CHARS = 2

type FileNameProps = {
  path: string
  /** The parts that all names of the list share, which are cut first (see `findSharedNameParts`). */
  shared?: SharedParts
  link?: Pick<ComponentProps<'a'>, 'href' | 'onClick'>
}

/** The whole path is shown on hover, the whole name by touch, and a copy has the whole name in one line. */
export function FileName({ path, shared = NOTHING_SHARED, link }: FileNameProps) {
  const name = baseNameOf(path)
  const chars = Array.from(visibleText(name))
  const ownEnd = chars.length - shared.endChars
  const isAlone = shared === NOTHING_SHARED
  const endIndex = Math.max(shared.startChars, ownEnd - (isAlone ? SHOWN_END_CHARS : SHOWN_OWN_CHARS))
  const text = (
    <code
      className={classes.file}
      title={visibleText(path)}
      data-full-text={chars.join('')}
      onCopy={(event) => {
        event.preventDefault()
        event.clipboardData.setData('text/plain', name)
      }}
    >
      <NamePart className={classes.shared} chars={chars.slice(0, shared.startChars)} minChars={SHOWN_SHARED_CHARS} />
      <NamePart
        className={classes.start}
        chars={chars.slice(shared.startChars, endIndex)}
        minChars={isAlone ? 0 : SHOWN_OWN_CHARS}
      />
      <NamePart className={classes.end} chars={chars.slice(endIndex, ownEnd)} />
      <NamePart className={classes.shared} chars={chars.slice(ownEnd)} minChars={SHOWN_SHARED_CHARS} />
    </code>
  )
  if (link === undefined) return text
  return (
    <a className={classes.link} {...link}>
      {text}
    </a>
  )
}

/** The parts that the names of all files of a list share. */
export function findSharedNameParts(paths: readonly string[]): SharedParts {
  return findSharedParts(paths.map((path) => visibleText(baseNameOf(path))))
}

function baseNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function NamePart({
  className,
  chars,
  minChars = 0,
}: {
  className: string | undefined
  chars: readonly string[]
  minChars?: number
}) {
  if (chars.length === 0) return null
  return (
    <span className={className} style={{ minWidth: `${Math.min(chars.length, minChars)}ch` }}>
      {chars.join('')}
    </span>
  )
}
