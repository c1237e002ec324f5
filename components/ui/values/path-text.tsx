import classes from './path-text.module.css'
import { Mono } from './mono'
import { VisibleText } from './visible-text'

/** A path or location in full, which breaks after its slashes, and inside a name only if that is longer than a line. */
export function PathText({ children }: { children: string }) {
  return (
    <Mono>
      {children.split(/(?<=[/])(?![/])/).map((part, index) => (
        // The parts of one path always have the same order, so the index is the key.
        <span key={index} className={classes.part}>
          <VisibleText>{part}</VisibleText>
        </span>
      ))}
    </Mono>
  )
}
