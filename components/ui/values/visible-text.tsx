import { visibleParts } from '@/lib/format/visible-text'
import classes from './value.module.css'

/** Text from another person, such as a name or a value of a file, with quiet marks for invisible characters. */
export function VisibleText({ children }: { children: string }) {
  return visibleParts(children).map(({ text, isQuiet }, index) =>
    // The parts of one text always have the same order, so the index is the key.
    isQuiet ? (
      <i key={index} className={classes.invisible}>
        {text}
      </i>
    ) : (
      text
    ),
  )
}
