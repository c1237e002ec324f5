import type { ComponentProps } from 'react'
import { visibleText } from '@/lib/format/visible-text'
import classes from './file-list.module.css'

/** Files of one writer begin alike: the end of a name is always shown, so a name that is too long is cut in the middle. */
const SHOWN_END_CHARS = 16

/** The whole path is shown on hover, the whole name by touch, and a copy has the whole name in one line. */
export function FileName({ path, link }: { path: string; link?: Pick<ComponentProps<'a'>, 'href' | 'onClick'> }) {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const shownName = visibleText(name)
  const endIndex = Math.max(0, shownName.length - SHOWN_END_CHARS)
  const text = (
    <code
      className={classes.file}
      title={visibleText(path)}
      data-full-text={shownName}
      onCopy={(event) => {
        event.preventDefault()
        event.clipboardData.setData('text/plain', name)
      }}
    >
      <span className={classes.start}>{shownName.slice(0, endIndex)}</span>
      <span className={classes.end}>{shownName.slice(endIndex)}</span>
    </code>
  )
  if (link === undefined) return text
  return (
    <a className={classes.link} {...link}>
      {text}
    </a>
  )
}
