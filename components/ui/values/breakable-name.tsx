import { Fragment } from 'react'
import { VisibleText } from './visible-text'

/** A dotted name or a location, which a narrow column breaks after its dots or slashes. */
export function BreakableName({ children }: { children: string }) {
  return children.split(/(?<=[.]|[^/][/](?![/]))/).map((part, index) => (
    // The parts of one name always have the same order, so the index is the key.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      <VisibleText>{part}</VisibleText>
    </Fragment>
  ))
}
