import classes from './qualified-name.module.css'
import { VisibleText } from './visible-text'

/** Names of one family begin alike, so the end of a name that is too long is always shown. */
const SHOWN_END_CHARS = 12
/** Room for a letter and the ellipsis. */
const LEAST_START_EM = 1.5
/** The narrowest letters. */
const LETTER_EM = 0.25
/** A name of the parent that is narrower than its least width is never cut. */
const SHORT_PREFIX_CHARS = 6

/**
 * A name after that of its parent. If there is no room for both, the parent is cut first, and then the name in its
 * middle. The element around it has the whole name as its title and label.
 */
export function QualifiedName({ prefix, name }: { prefix: string | null; name: string }) {
  // By characters: a cut within one would show none.
  const characters = Array.from(name)
  const endIndex = Math.max(0, characters.length - SHOWN_END_CHARS)
  return (
    <span className={classes.whole}>
      {prefix !== null && (
        <>
          <span
            className={classes.prefix}
            data-prefix
            style={{ minWidth: prefix.length > SHORT_PREFIX_CHARS ? '3em' : 'max-content' }}
          >
            <VisibleText>{prefix}</VisibleText>
          </span>
          <span className={classes.dot} data-prefix>
            .
          </span>
        </>
      )}
      {endIndex > 0 && (
        // Not wider than its letters, which would be a gap in the name.
        <span className={classes.start} style={{ minWidth: `${Math.min(LEAST_START_EM, endIndex * LETTER_EM)}em` }}>
          <VisibleText>{characters.slice(0, endIndex).join('')}</VisibleText>
        </span>
      )}
      <span className={classes.end}>
        <VisibleText>{characters.slice(endIndex).join('')}</VisibleText>
      </span>
    </span>
  )
}
