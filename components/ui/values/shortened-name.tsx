import classes from './shortened-name.module.css'
import { VisibleText } from './visible-text'

/** Shorter names fit almost everywhere. */
const MAX_WHOLE_CHARS = 20
const END_CHARS = 10

/** A name that is cut in its middle where it does not fit, because names with a common beginning differ at their ends. */
export function ShortenedName({ children: name }: { children: string }) {
  const chars = Array.from(name)
  if (chars.length <= MAX_WHOLE_CHARS) return <VisibleText>{name}</VisibleText>
  return (
    <span className={classes.name}>
      <span className={classes.start}>
        <VisibleText>{chars.slice(0, -END_CHARS).join('')}</VisibleText>
      </span>
      <span className={classes.end}>
        <VisibleText>{chars.slice(-END_CHARS).join('')}</VisibleText>
      </span>
    </span>
  )
}
